import { describe, expect, it } from 'vitest';
import { nextStretchMs } from './reading-back.ts';

const MINUTE = 60_000;

describe('reading back in time', () => {
  it('begins with the newest minutes and takes longer and longer stretches, up to a day', () => {
    const lengths: number[] = [nextStretchMs(undefined)];
    while (lengths.length < 7) lengths.push(nextStretchMs({ lengthMs: lengths.at(-1) ?? 0, messages: 10 }));
    expect(lengths.map((length) => length / MINUTE)).toEqual([3, 15, 75, 375, 1440, 1440, 1440]);
  });

  it('takes no more at once than fits in memory', () => {
    expect(nextStretchMs({ lengthMs: 3 * MINUTE, messages: 100_000 })).toBe(3 * MINUTE);
    expect(nextStretchMs({ lengthMs: 15 * MINUTE, messages: 300_000 })).toBe(5 * MINUTE);
    expect(nextStretchMs({ lengthMs: 15 * MINUTE, messages: 30_000_000 })).toBe(MINUTE);
  });

  it('hurries over times in which nothing happened', () => {
    expect(nextStretchMs({ lengthMs: 375 * MINUTE, messages: 0 })).toBe(1440 * MINUTE);
  });
});
