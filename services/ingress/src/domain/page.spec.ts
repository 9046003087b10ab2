import { expect, it } from 'vitest';
import { pageOf } from './page.ts';

const items = ['c', 'a', 'e', 'b', 'd'].map((id) => ({ id }));
const ids = (page: { data: readonly { id: string }[] }): string => page.data.map(({ id }) => id).join('');

it('walks forwards by pages, ordered by id', () => {
  const first = pageOf(items, { limit: 2 });
  expect([ids(first), first.done]).toEqual(['ab', false]);
  const second = pageOf(items, { limit: 2, iterator: first.iterator ?? '' });
  expect([ids(second), second.done]).toEqual(['cd', false]);
  const third = pageOf(items, { limit: 2, iterator: second.iterator ?? '' });
  expect([ids(third), third.done]).toEqual(['e', true]);
});

it('walks back', () => {
  expect(ids(pageOf(items, { limit: 2, iterator: '-e' }))).toBe('cd');
  expect(ids(pageOf(items, { limit: 2, iterator: '-b' }))).toBe('a');
  expect(ids(pageOf(items, { limit: 2, iterator: '-z' }))).toBe('de');
});

it('is done at once when there is nothing', () =>
  expect(pageOf([], { limit: 2 })).toEqual({ data: [], done: true, iterator: null, prevIterator: null }));

it('walks the other way round, and back', () => {
  const first = pageOf(items, { limit: 2 }, true);
  expect([ids(first), first.done]).toEqual(['ed', false]);
  const second = pageOf(items, { limit: 3, iterator: first.iterator ?? '' }, true);
  expect([ids(second), second.done]).toEqual(['cba', true]);
  expect(ids(pageOf(items, { limit: 2, iterator: second.prevIterator ?? '' }, true))).toBe('ed');
});
