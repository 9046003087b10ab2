import { expect, it } from 'vitest';
import { standingOf } from './standing.ts';

it.each([
  ['planned', { open: 0, delivered: 2, failed: 0 }, 'delivered', 'good'],
  ['planned', { open: 1, delivered: 1, failed: 0 }, '1 of 2 done', 'busy'],
  ['planned', { open: 2, delivered: 0, failed: 0 }, 'under way', 'busy'],
  ['planned', { open: 1, delivered: 1, failed: 1 }, '1 of 3 failed', 'bad'],
  ['planned', { open: 0, delivered: 0, failed: 1 }, 'failed', 'bad'],
  ['planned', { open: 0, delivered: 0, failed: 0 }, 'planned', undefined],
  ['refused', { open: 0, delivered: 0, failed: 0 }, 'refused', undefined],
] as const)('an event that is %s with %o is %s', (state, progress, value, tone) => {
  expect(standingOf({ state, progress })).toEqual(tone === undefined ? { value } : { value, tone });
});
