import { describe, expect, it } from 'vitest';
import { judgeBucket, judgeCopies, judgeLog } from './continuity.ts';

const stream = { created: '2026-01-01', firstSeq: 1, lastSeq: 100 };
const at = (seq: number, streamCreated: string | null = '2026-01-01', origin: string | null = null) => ({ seq, streamCreated, origin });

describe('a LOG', () => {
  it('is read on after the checkpoint', () => {
    expect(judgeLog(at(40), stream)).toEqual({ kind: 'intact', after: 40 });
    expect(judgeLog(at(100), { ...stream, firstSeq: 101 })).toEqual({ kind: 'intact', after: 100 });
  });

  it('is read first where it begins', () => {
    expect(judgeLog(at(0, null), { ...stream, firstSeq: 31 })).toEqual({ kind: 'intact', after: 30 });
    expect(judgeLog(at(0, null), { created: 'x', firstSeq: 0, lastSeq: 0 })).toEqual({ kind: 'intact', after: 0 });
  });

  it.each([
    ['it was made anew', at(40), { ...stream, created: '2026-02-02' }, /created anew/],
    ['messages were removed before they were read', at(40), { ...stream, firstSeq: 50 }, /41 to 49 were removed/],
    ['it ends before the checkpoint', at(40), { ...stream, lastSeq: 39 }, /ends at 39/],
  ])('is not read on when %s, and the reason says what to do', (_name, checkpoint, state, reason) => {
    const verdict = judgeLog(checkpoint, state);
    expect(verdict).toEqual({ kind: 'broken', reason: expect.stringMatching(reason) });
    expect(verdict).toEqual({ kind: 'broken', reason: expect.stringContaining('rebuild') });
  });
});

describe('a bucket', () => {
  it('may drop what was overwritten', () => {
    expect(judgeBucket(at(40), { ...stream, firstSeq: 90 })).toEqual({ kind: 'intact', after: 40 });
  });
});

describe('PEERS', () => {
  it.each([
    ['nothing happened', at(40, '2026-01-01', 'LOG_US 7'), { ...stream, originReached: 'LOG_US 7' }],
    ['the message read last is not there any more', at(40, '2026-01-01', 'LOG_US 7'), { ...stream, firstSeq: 50 }],
  ])('is read on when %s', (_name, checkpoint, state) => {
    expect(judgeCopies(checkpoint, state)).toEqual({ kind: 'intact', after: 40 });
  });

  it.each([
    ['it was made anew', at(40), { ...stream, created: '2026-02-02', firstSeq: 0, lastSeq: 0 }, /created anew/],
    ['it ends before the checkpoint', at(40), { ...stream, lastSeq: 39 }, /ends at 39/],
    ['it holds another message there', at(40, '2026-01-01', 'LOG_US 7'), { ...stream, originReached: 'LOG_AP 9' }, /LOG_AP 9 .*LOG_US 7/],
  ])('is read again from its beginning when %s', (_name, checkpoint, state, reason) => {
    expect(judgeCopies(checkpoint, state)).toEqual({ kind: 'again', after: 0, reason: expect.stringMatching(reason) });
    expect(judgeCopies(checkpoint, { ...state, created: 'now', firstSeq: 31 })).toMatchObject({ kind: 'again', after: 30 });
  });
});
