import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Repeating } from './repeat.ts';

describe('repeated work', () => {
  let steps: number;
  let failure: Error | undefined;
  let told: unknown[];
  let repeating: Repeating;

  beforeEach(() => {
    vi.useFakeTimers();
    [steps, failure, told] = [0, undefined, []];
    repeating = new Repeating(
      async () => {
        steps += 1;
        if (failure !== undefined) throw failure;
      },
      (error) => told.push(error),
    );
  });
  afterEach(async () => {
    await repeating.stop();
    vi.useRealTimers();
  });

  it('is done at once and then every second, or when woken', async () => {
    await vi.advanceTimersByTimeAsync(999);
    expect(steps).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(steps).toBe(2);
    repeating.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(steps).toBe(3);
  });

  it('tells a failure once and goes on, and tells when it works again', async () => {
    failure = new Error('away');
    await vi.advanceTimersByTimeAsync(3_000);
    expect([steps, told]).toEqual([4, [failure]]);
    failure = undefined;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(told).toEqual([new Error('away'), undefined]);
  });

  it('is not done any more when it was stopped', async () => {
    await repeating.stop();
    const before = steps;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(steps).toBe(before);
  });
});
