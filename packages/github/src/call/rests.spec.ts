import { beforeEach, describe, expect, it } from 'vitest';
import { Rests } from './rests.ts';

describe('a lane that gets no answers', () => {
  let nowMs: number;
  let rests: Rests;
  const fail = (times: number): void => {
    for (let time = 0; time < times; time += 1) rests.failed('1');
  };

  beforeEach(() => {
    nowMs = 0;
    rests = new Rests(() => nowMs);
  });

  it('rests after five failures in a row, not after four, and alone', () => {
    fail(4);
    expect(rests.mustRest('1')).toBe(false);
    fail(1);
    expect([rests.mustRest('1'), rests.mustRest('2')]).toEqual([true, false]);
  });

  it('takes what was under way when the rest began for no news', () => {
    fail(50);
    nowMs += 1_000;
    expect(rests.mustRest('1')).toBe(false);
  });

  it('counts from the start again after an answer', () => {
    fail(4);
    rests.answered('1');
    fail(4);
    expect(rests.mustRest('1')).toBe(false);
  });

  it('lets one call through when the rest is over, and all when that is answered', () => {
    fail(5);
    nowMs += 1_000;
    expect([rests.mustRest('1'), rests.mustRest('1')]).toEqual([false, true]);
    rests.answered('1');
    expect([rests.mustRest('1'), rests.mustRest('1')]).toEqual([false, false]);
  });

  it('rests twice as long after each call that finds nobody, up to 15 s', () => {
    fail(5);
    const waits: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      const sinceMs = nowMs;
      while (rests.mustRest('1')) nowMs += 500;
      waits.push(nowMs - sinceMs);
      fail(1);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  });
});
