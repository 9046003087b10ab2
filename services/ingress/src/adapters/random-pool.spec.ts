import { expect, it } from 'vitest';
import { randomPool } from './random-pool.ts';

it('hands out fresh bytes, also after the pool was used up', () => {
  const next = randomPool(10);
  const all = Array.from({ length: 1_000 }, () => Buffer.from(next()).toString('hex'));
  expect(new Set(all).size).toBe(1_000);
  expect(new Set(all.map((hex) => hex.length))).toEqual(new Set([20]));
});
