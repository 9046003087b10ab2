import { describe, expect, it } from 'vitest';
import type { Region } from '../../api/regions.ts';
import { changesFor, commandOf, standInsFor } from './region-changes.ts';

const region = (id: string, state: Region['state'], leaseAgeMs = 500): Region => ({
  id,
  cloudRegion: id,
  state,
  share: 100,
  epoch: 1,
  leaseAgeMs,
  isSelf: false,
});
const us = region('us', 'active');

describe('what can be done with a region', () => {
  it.each([
    [
      'active',
      [
        ['failover', false],
        ['drain', false],
      ],
    ],
    [
      'draining',
      [
        ['failover', false],
        ['activate', true],
      ],
    ],
    ['drained', [['activate', false]]],
    ['failed', [['activate', false]]],
    [
      'recovering',
      [
        ['failover', false],
        ['drain', false],
        ['activate', true],
      ],
    ],
    ['unknown', []],
  ] as const)('while it is %s', (state, expected) => {
    const eu = region('eu', state);
    expect(changesFor(eu, { data: [us, eu] }).map(({ change, isForcedOnly }) => [change, isForcedOnly])).toEqual(expected);
  });

  it('not a drain of one that is silent', () =>
    expect(changesFor(region('eu', 'active', 9_000), { data: [us, us] }).map(({ change }) => change)).toEqual(['failover']));

  it('nothing with one alone', () => expect(changesFor(us, { data: [us] })).toEqual([]));

  it('only those that are active and heard of can stand in', () => {
    const data = [us, region('eu', 'active'), region('ap', 'draining'), region('sa', 'active', 9_000)];
    expect(standInsFor(us, { data }).map(({ id }) => id)).toEqual(['eu']);
  });
});

describe('what is sent', () => {
  const form = { region: 'eu', reason: 'site down', to: '', isForced: false } as const;
  it.each([
    [{ ...form, change: 'failover' }, '/admin/failover/eu', { reason: 'site down', force: false }],
    [{ ...form, change: 'failover', to: 'us', isForced: true }, '/admin/failover/eu', { reason: 'site down', force: true, to: 'us' }],
    [{ ...form, change: 'drain', isForced: true }, '/admin/regions/eu/drain', { reason: 'site down' }],
    [{ ...form, change: 'activate' }, '/admin/regions/eu/activate', { reason: 'site down', force: false }],
  ] as const)('%j', (order, path, body) => expect(commandOf(order)).toEqual({ path, body }));
});
