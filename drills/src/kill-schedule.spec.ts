import { describe, expect, it } from 'vitest';
import { killSchedule, TARGETS } from './kill-schedule.ts';

const timesEach = (kills: number): number[] =>
  TARGETS.map((target) => killSchedule(kills, 3).filter((kill) => kill.target === target).length);

describe('the schedule of kills', () => {
  it('is the same for the same seed and another for another', () => {
    expect(killSchedule(20, 1)).toEqual(killSchedule(20, 1));
    expect(killSchedule(20, 1)).not.toEqual(killSchedule(20, 2));
  });

  it('kills each kind equally often, and the rest by chance', () => {
    expect(timesEach(20)).toEqual([4, 4, 4, 4, 4]);
    expect(timesEach(5)).toEqual([1, 1, 1, 1, 1]);
    expect(Math.min(...timesEach(22))).toBe(4);
    expect(Math.max(...timesEach(22))).toBe(5);
  });

  it('waits 1 to 6 s before each', () => {
    const waits = killSchedule(100, 5).map(({ waitMs }) => waitMs);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(6_000);
    expect(new Set(waits).size).toBeGreaterThan(90);
  });
});
