import { expect, it } from 'vitest';
import { spanText } from './span-text.ts';

it.each([
  [0, '0 ms'],
  [999.9, '999 ms'],
  [1_000, '1 s'],
  [1_999, '1.9 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_599_999, '59 min'],
  [5_400_000, '1.5 h'],
  [172_800_000, '2 d'],
])('writes %d ms as %s, never rounded up to what it did not reach', (ms, text) => {
  expect(spanText(ms)).toBe(text);
});
