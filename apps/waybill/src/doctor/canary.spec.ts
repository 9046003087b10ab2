import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeBeats } from './canary.ts';

const pair = { region: 'eu', peer: 'us' };
const beats = (newestAtMs: number, copiedAtMs?: number, firstAtMs = 0) => ({
  ...pair,
  inLog: { firstAtMs, newestAtMs },
  copiedAtMs,
});

describe('the beats between two regions', () => {
  it('are judged by the clock of the region that writes them', () => {
    const late = fc.tuple(fc.nat(1e12), fc.integer({ min: -5_000, max: 10_000 }));
    fc.assert(fc.property(late, ([newest, behind]) => judgeBeats(beats(newest, newest - behind)).length === 0));
    fc.assert(
      fc.property(fc.nat(1e12), fc.integer({ min: 10_001 }), (newest, behind) => judgeBeats(beats(newest, newest - behind)).length === 1),
    );
  });

  it.each([
    ['nobody writes them', { ...pair, inLog: undefined, copiedAtMs: undefined }],
    ['they have just begun', beats(9_000)],
  ])('are no finding when %s', (_, seen) => {
    expect(judgeBeats(seen)).toEqual([]);
  });

  it('name the pair that is behind', () => {
    expect(judgeBeats(beats(60_000, 20_000))[0]?.detail).toBe('the newest beat of us in eu is 40 s older than the one in us');
    expect(judgeBeats(beats(60_000, undefined, 30_000))[0]?.detail).toBe(
      'no beat of us has arrived in eu, and us has written them for 30 s',
    );
  });
});
