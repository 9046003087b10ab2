import { describe, expect, it } from 'vitest';
import { regionRecord } from '../testing/region-record.ts';
import { mayHaveBeenPlannedElsewhere, mustHaveClosed, ownTurn } from './own-turn.ts';

describe('whose turn it is', () => {
  it.each([
    ['plan', undefined, undefined],
    ['plan', regionRecord('us', 'active'), undefined],
    ['plan', regionRecord('us', 'draining'), undefined],
    ['plan', regionRecord('us', 'drained'), undefined],
    ['hold', regionRecord('us', 'failed'), 1],
    ['catch_up', regionRecord('us', 'recovering', { epoch: 3 }), undefined],
    ['catch_up', regionRecord('us', 'recovering', { epoch: 3, share: 50 }), 1],
    ['plan', regionRecord('us', 'recovering', { epoch: 3 }), 3],
  ])('%s', (expected, record, caughtUp) => {
    expect(ownTurn(record, caughtUp)).toBe(expected);
  });
});

describe('who must have stopped', () => {
  it('is everybody who began once and is not failed', () => {
    const records = new Map([
      ['eu', regionRecord('eu', 'active')],
      ['ap', regionRecord('ap', 'failed')],
      ['sa', regionRecord('sa', 'recovering')],
    ]);
    expect(mustHaveClosed(['eu', 'ap', 'sa', 'never'], (region) => records.get(region))).toEqual(['eu', 'sa']);
  });
});

describe('whether others may have planned', () => {
  const hour = 3_600_000;
  const since = '2026-01-01T12:00:00.000Z';
  const sinceMs = Date.parse(since);

  it.each([
    [true, undefined, sinceMs + hour],
    [true, regionRecord('us', 'recovering', { since }), sinceMs + hour],
    [true, regionRecord('us', 'active', { since }), sinceMs - hour],
    [true, regionRecord('us', 'active', { since }), sinceMs + 60_000],
    [false, regionRecord('us', 'active', { since }), sinceMs + hour],
  ])('%s', (expected, record, storedMs) => {
    expect(mayHaveBeenPlannedElsewhere(record, storedMs)).toBe(expected);
  });
});
