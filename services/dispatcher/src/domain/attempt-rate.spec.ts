import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AttemptRate } from './attempt-rate.ts';

describe('rate of attempts', () => {
  it('never starts more than allowed in any second', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 20, maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), steps, (perSecond, gaps) => {
        const rate = new AttemptRate();
        const starts: number[] = [];
        let nowMs = 1_000_000;
        for (const gap of gaps) {
          nowMs += gap;
          if (rate.tryStart(perSecond, nowMs)) starts.push(nowMs);
        }
        for (const start of starts)
          expect(starts.filter((other) => other >= start && other < start + 1_000).length).toBeLessThanOrEqual(perSecond);
        expect(starts.length).toBeGreaterThan(0);
      }),
    );
  });

  it('knows rates below one a second', () => {
    const rate = new AttemptRate();
    expect([0, 9_999, 10_000].map((nowMs) => rate.tryStart(0.1, nowMs))).toEqual([true, false, true]);
  });

  it('keeps what was started when the limit changes', () => {
    const rate = new AttemptRate();
    expect([0, 0, 0].map((nowMs) => rate.tryStart(2, nowMs))).toEqual([true, true, false]);
    expect(rate.tryStart(3, 500)).toBe(true);
    expect(rate.tryStart(3, 600)).toBe(false);
    expect(rate.tryStart(1, 1_400)).toBe(false);
    expect(rate.tryStart(1, 1_500)).toBe(true);
  });

  it('gives everybody who waits a turn of their own', () => {
    const rate = new AttemptRate();
    expect([rate.reserveMs(2, 1_000), rate.reserveMs(2, 1_000), rate.reserveMs(2, 1_000)]).toEqual([1_500, 2_000, 2_500]);
    expect([rate.queued(2, 1_000), rate.queued(2, 2_000), rate.queued(2, 3_000)]).toEqual([3, 1, 0]);
    expect(rate.hasQueue(2_499)).toBe(true);
    expect(rate.hasQueue(2_500)).toBe(false);
    expect(rate.reserveMs(2, 9_000)).toBe(9_500);
  });
});
