import { describe, expect, it } from 'vitest';
import { closedLoop, openLoop } from './pace.ts';

describe('an open loop', () => {
  const pace = openLoop(1_000, 100, 5);

  it('sends at its rate, whatever was answered', () => {
    expect([1_000, 1_009, 1_010, 1_020].map((nowMs) => pace.due(nowMs, 0, 0))).toEqual([1, 1, 2, 3]);
  });

  it('catches up after a pause, and counts latency from when each event was to be sent', () => {
    expect(pace.due(1_040, 1, 0)).toBe(5);
    expect(pace.intendedMs(3, 1_040)).toBe(1_030);
  });

  it('holds back what nobody answers', () => {
    expect(pace.due(9_000, 7, 5)).toBe(7);
    expect(pace.due(9_000, 7, 3)).toBe(9);
  });
});

describe('a closed loop', () => {
  it('keeps as many requests waiting as there are connections', () => {
    const pace = closedLoop(8);
    expect(pace.due(0, 20, 8)).toBe(20);
    expect(pace.due(0, 20, 5)).toBe(23);
    expect(pace.intendedMs(20, 77)).toBe(77);
  });
});
