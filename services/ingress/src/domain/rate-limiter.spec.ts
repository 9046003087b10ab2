import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RateLimiter } from './rate-limiter.ts';

it('gives as many as allowed, then says how long to wait', () => {
  const limiter = new RateLimiter(60);
  for (let n = 0; n < 60; n += 1) expect(limiter.take('a', 0)).toBe(0);
  expect(limiter.take('a', 0)).toBe(1000);
  expect(limiter.take('b', 0)).toBe(0);
  expect(limiter.take('a', 500)).toBe(500);
  expect(limiter.take('a', 1000)).toBe(0);
  expect(limiter.take('a', 1000)).toBe(1000);
});

it('refills nothing when the clock jumps back', () => {
  const limiter = new RateLimiter(1);
  expect(limiter.take('a', 100_000)).toBe(0);
  expect(limiter.take('a', 0)).toBeGreaterThan(0);
});

it('forgets the bucket used longest ago', () => {
  const limiter = new RateLimiter(1, 2);
  expect(limiter.take('a', 0)).toBe(0);
  expect(limiter.take('b', 0)).toBe(0);
  expect(limiter.take('a', 0)).toBeGreaterThan(0);
  expect(limiter.take('c', 0)).toBe(0);
  expect(limiter.take('b', 0)).toBe(0);
});

it('never lets through more than the burst and the refill together', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 600 }), fc.array(fc.nat(5000), { maxLength: 300 }), (perMinute, gaps) => {
      const limiter = new RateLimiter(perMinute);
      let nowMs = 0;
      let taken = 0;
      for (const gap of gaps) {
        nowMs += gap;
        if (limiter.take('a', nowMs) === 0) taken += 1;
      }
      expect(taken).toBeLessThanOrEqual(perMinute + (nowMs * perMinute) / 60_000 + 1e-6);
    }),
  );
});
