import { expect, it } from 'vitest';
import { isOpenIn } from './region-open.ts';

it.each([
  ['active', 100, true],
  ['draining', 0, true],
  ['drained', 0, false],
  ['failed', 0, false],
  ['recovering', 0, false],
  ['recovering', 25, true],
] as const)('a region that is %s with a share of %i %%: open %s', (state, share, isOpen) => {
  expect(isOpenIn({ state, share })).toBe(isOpen);
});

it('is open before anything was said of it', () => expect(isOpenIn(undefined)).toBe(true));
