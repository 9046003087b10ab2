import { beforeEach, describe, expect, it } from 'vitest';
import { type ListedDelivery, LostDeliveries } from './lost-deliveries.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);

let ids = 0;
/** A failed first try of a finished run, `minute` minutes after the start. */
const tried = (guid: string, minute: number, more: Partial<ListedDelivery> = {}): ListedDelivery => ({
  id: `${9_100_000_000_000_000_000n + BigInt((ids += 1))}`,
  guid,
  deliveredAt: new Date(START + minute * MINUTE).toISOString(),
  event: 'workflow_run',
  action: 'completed',
  statusCode: 0,
  isRedelivery: false,
  ...more,
});
const again = { isRedelivery: true };
const ok = { statusCode: 202 };

let lost: LostDeliveries;
beforeEach(() => {
  lost = new LostDeliveries(MINUTE);
});
const dueAt = (minute: number): string[] => lost.due(START + minute * MINUTE).map(({ guid }) => guid);
const take = (...listed: ListedDelivery[]): void => lost.take(listed, { isWhole: false });

describe('what is asked for', () => {
  it('is what failed and never arrived, the oldest first', () => {
    take(tried('c', 3), tried('b', 2, { statusCode: 503 }), tried('a', 1, ok));
    expect(dueAt(4)).toEqual(['b', 'c']);
  });

  it.each([
    ['a requested run', { action: 'requested' }],
    ['another event', { event: 'installation', action: 'created' }],
  ])('is not %s', (_what, more) => {
    take(tried('a', 1, more));
    expect(dueAt(2)).toEqual([]);
  });

  it('is not what arrived at any try, whichever page shows it', () => {
    take(tried('a', 2, { ...again, ...ok }), tried('a', 1));
    take(tried('b', 3), tried('b', 1, ok));
    expect(dueAt(4)).toEqual([]);
    take(tried('c', 5));
    take(tried('c', 6, { ...again, ...ok }));
    expect(dueAt(7)).toEqual([]);
  });

  it('is one id for all tries of a webhook: the newest', () => {
    const newest = tried('a', 2, { ...again, id: '9100000000000000999' });
    take(newest, tried('a', 1));
    expect(lost.due(START + 60 * MINUTE)).toMatchObject([{ guid: 'a', id: '9100000000000000999', tries: 1, atMs: START + MINUTE }]);
  });
});

describe('how often', () => {
  it('five times, further and further apart', () => {
    take(tried('a', 0));
    const askedAt: number[] = [];
    for (let minute = 0; minute < 3 * 24 * 60; minute += 1) {
      if (dueAt(minute).length === 0) continue;
      askedAt.push(minute);
      lost.asked('a', START + minute * MINUTE);
    }
    expect(askedAt).toEqual([0, 1, 6, 66, 426]);
    expect(lost.state).toEqual({ waiting: 0, givenUp: 1, oldestMs: undefined });
  });

  it('counts what others asked for, and what the list does not show yet', () => {
    take(tried('a', 0));
    lost.asked('a', START);
    take(tried('a', 0));
    expect(dueAt(0.5)).toEqual([]);
    lost = new LostDeliveries(MINUTE);
    take(...[5, 4, 3, 2, 1].map((minute) => tried('a', minute, again)), tried('a', 0));
    expect(dueAt(24 * 60)).toEqual([]);
  });
});

it('a whole list replaces what was known, the tries stay', () => {
  take(tried('a', 0), tried('gone', 0));
  lost.asked('a', START);
  lost.take([tried('a', 0)], { isWhole: true });
  expect(dueAt(60)).toEqual(['a']);
  expect(lost.due(START + 60 * MINUTE)[0]?.tries).toBe(1);
});

it('drops what came another way, and tells since when the oldest is missing', () => {
  take(tried('a', 1), tried('b', 2));
  expect(lost.state).toEqual({ waiting: 2, givenUp: 0, oldestMs: START + MINUTE });
  lost.drop((guid) => guid === 'a');
  expect(lost.state).toEqual({ waiting: 1, givenUp: 0, oldestMs: START + 2 * MINUTE });
});
