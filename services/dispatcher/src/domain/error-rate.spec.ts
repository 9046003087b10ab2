import { describe, expect, it } from 'vitest';
import { ErrorRate } from './error-rate.ts';

function noted(attempts: number, failed: number, atMs: number, rate = new ErrorRate()) {
  for (let n = 0; n < attempts; n += 1) rate.note(n < failed, atMs);
  return rate;
}

describe('the error rate', () => {
  it('is the share of failed attempts in the last minute', () => {
    const rate = noted(30, 15, 1_000_000);
    noted(10, 0, 1_030_000, rate);
    expect(rate.at(1_030_000)).toBe(15 / 40);
    expect(rate.at(1_059_999)).toBe(15 / 40);
  });

  it('forgets what is older, and slots that were used a minute before', () => {
    const rate = noted(40, 40, 1_000_000);
    noted(40, 0, 1_060_000, rate);
    expect(rate.at(1_060_000)).toBe(0);
    expect(rate.at(2_000_000)).toBe(0);
  });

  it('is nothing while there are too few to tell', () => {
    expect(noted(19, 19, 1_000_000).at(1_000_000)).toBe(0);
    expect(noted(20, 19, 1_000_000).at(1_000_000)).toBe(0.95);
  });
});
