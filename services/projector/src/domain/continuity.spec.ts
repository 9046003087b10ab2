import { describe, expect, it } from 'vitest';
import { judgeContinuity } from './continuity.ts';

const stream = { created: '2026-01-01', firstSeq: 1, lastSeq: 100 };
const at = (seq: number, streamCreated: string | null = '2026-01-01') => ({ seq, streamCreated });

describe('judgeContinuity', () => {
  it('goes on after the checkpoint', () => {
    expect(judgeContinuity(at(40), stream, true)).toEqual({ kind: 'intact', after: 40 });
    expect(judgeContinuity(at(100), { ...stream, firstSeq: 101 }, true)).toEqual({ kind: 'intact', after: 100 });
  });

  it('begins a first run where the stream begins', () => {
    expect(judgeContinuity(at(0, null), { ...stream, firstSeq: 31 }, true)).toEqual({ kind: 'intact', after: 30 });
    expect(judgeContinuity(at(0, null), { created: 'x', firstSeq: 0, lastSeq: 0 }, true)).toEqual({ kind: 'intact', after: 0 });
  });

  it.each([
    ['a stream made anew', at(40), { ...stream, created: '2026-02-02' }, /created anew/],
    ['messages removed before they were read', at(40), { ...stream, firstSeq: 50 }, /41 to 49 were removed/],
    ['a stream that ends before the checkpoint', at(40), { ...stream, lastSeq: 39 }, /ends at 39/],
  ])('stops for %s, and says what to do', (_name, checkpoint, state, reason) => {
    const verdict = judgeContinuity(checkpoint, state, true);
    expect(verdict).toEqual({ kind: 'broken', reason: expect.stringMatching(reason) });
    expect(verdict).toEqual({ kind: 'broken', reason: expect.stringContaining('rebuild') });
  });

  it('lets a bucket drop what was overwritten', () => {
    expect(judgeContinuity(at(40), { ...stream, firstSeq: 90 }, false)).toEqual({ kind: 'intact', after: 40 });
  });
});
