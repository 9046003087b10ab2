import { expect, it } from 'vitest';
import { kindsOf } from './kinds.ts';

const at = '2026-01-01T00:00:00.000Z';

it('names every kind of query that a frame makes old, each once', () => {
  const frame = { at, events: [], deliveries: [], audit: true } as const;
  expect(kindsOf(frame).toSorted()).toEqual(['audit', 'deliveries', 'events', 'schemas', 'stats']);
});

it('names none for a frame that changed nothing that is shown', () => {
  expect(kindsOf({ at, more: true })).toEqual([]);
});
