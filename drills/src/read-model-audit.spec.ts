import { describe, expect, it } from 'vitest';
import type { End } from './log-audit.ts';
import { disagreements, shownStates } from './read-model-audit.ts';

const ends = new Map<string, End[]>([
  ['d1', ['delivered']],
  ['d2', ['denied']],
]);

describe('read models against the LOG', () => {
  it('agree', () => {
    expect(disagreements(ends, new Map(Object.entries({ d1: 'delivered', d2: 'denied' })))).toEqual([]);
  });

  it.each([
    [{ d1: 'retrying', d2: 'denied' }, /^d1: delivered in the LOG, retrying/],
    [{ d1: 'delivered' }, /^d2: denied in the LOG, not shown/],
    [{ d1: 'delivered', d2: 'denied', d3: 'delivered' }, /^d3: only in the read models/],
  ])('disagree when they show %j', (shown, message) => {
    expect(disagreements(ends, new Map(Object.entries(shown)))).toEqual([expect.stringMatching(message)]);
  });
});

describe('the states of all deliveries', () => {
  const pages: Record<string, unknown> = {
    '/v1/deliveries?limit=250': { data: [{ id: 'd1', state: 'delivered' }], done: false, iterator: '+d1' },
    '/v1/deliveries?limit=250&iterator=%2Bd1': { data: [{ id: 'd2', state: 'denied' }], done: true, iterator: '+d2' },
  };

  it('are read from every page', async () => {
    const states = await shownStates((_method, path) => Promise.resolve(pages[path]));
    expect([...states]).toEqual([
      ['d1', 'delivered'],
      ['d2', 'denied'],
    ]);
  });

  it('are refused when a delivery is on two pages', async () => {
    const again = { data: [{ id: 'd1', state: 'delivered' }], done: false, iterator: '+d1' };
    await expect(shownStates(() => Promise.resolve(again))).rejects.toThrow(/two pages/);
  });
});
