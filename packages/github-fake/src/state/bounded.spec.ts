import { expect, it } from 'vitest';
import { addBounded } from './bounded.ts';

it('keeps the newest entries, and never more than a tenth above the limit', () => {
  const list: number[] = [];
  let longest = 0;
  for (let item = 0; item < 1000; item += 1) {
    addBounded(list, item, 100);
    longest = Math.max(longest, list.length);
  }
  expect(longest).toBeLessThanOrEqual(110);
  expect(list.slice(-100)).toStrictEqual(Array.from({ length: 100 }, (_, index) => 900 + index));
});
