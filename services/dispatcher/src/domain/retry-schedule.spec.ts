import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RETRY_SCHEDULE, retryScheduleFrom, scheduleOf, withJitter } from './retry-schedule.ts';

describe('retry schedule', () => {
  it('is 5 s, 30 s, 2 m, 10 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h unless told otherwise', () => {
    expect(retryScheduleFrom({}).map((ms) => ms / 1000)).toEqual([5, 30, 120, 600, 1800, 7200, 18_000, 36_000, 50_400, 72_000]);
  });

  it('scales with the base delay', () => {
    expect(retryScheduleFrom({ baseDelayMs: 100, maxRetries: 4 })).toEqual([100, 600, 2400, 12_000]);
  });

  it('repeats the longest wait when more retries are asked for', () => {
    expect(retryScheduleFrom({ maxRetries: 12 }).slice(9)).toEqual([72_000_000, 72_000_000, 72_000_000]);
  });

  it('allows no retry at all', () => {
    expect(retryScheduleFrom({ maxRetries: 0 })).toEqual([]);
  });

  it('gives way to the schedule of the endpoint', () => {
    expect(scheduleOf({ retrySchedule: [1, 60] }, DEFAULT_RETRY_SCHEDULE)).toEqual([1000, 60_000]);
    expect(scheduleOf({}, DEFAULT_RETRY_SCHEDULE)).toBe(DEFAULT_RETRY_SCHEDULE);
  });

  it('adds jitter of at most a tenth and never shortens a wait', () => {
    const random = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 72_000_000 }), random, (delayMs, value) => {
        const jittered = withJitter(delayMs, value);
        expect(jittered).toBeGreaterThanOrEqual(delayMs);
        expect(jittered).toBeLessThanOrEqual(Math.ceil(delayMs * 1.1));
      }),
    );
  });
});
