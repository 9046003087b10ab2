import { describe, expect, it } from 'vitest';
import { judgeRenewal, type RenewalSeen } from './renewal.ts';

const record = { state: 'active', why: 'drill', isRenewed: true } as const;
const told = (changes: Partial<RenewalSeen>): string[] =>
  judgeRenewal({ region: 'eu', isUp: true, watchedMs: 10_200, record, isReported: true, ...changes }).map(({ detail }) => detail);

describe('what a region writes into the control bucket', () => {
  it.each<[string, Partial<RenewalSeen>]>([
    ['is renewed', {}],
    ['stands still because the region is lost', { isUp: false, record: { ...record, isRenewed: false }, isReported: false }],
    ['says that it is drained', { record: { ...record, state: 'drained' } }],
  ])('is well when it %s', (_, changes) => {
    expect(told(changes)).toEqual([]);
  });

  it.each<[string, Partial<RenewalSeen>, string]>([
    ['is nothing', { record: undefined, isReported: false }, 'eu has no record in the control bucket, although it is up'],
    [
      'stands still',
      { record: { ...record, isRenewed: false } },
      'the record of eu was not renewed for 10 s, although the region is up and linked',
    ],
    ['is its record alone', { isReported: false }, 'eu has not reported for 10 s, although it renews its record'],
    ['says that it failed', { record: { ...record, state: 'failed' } }, 'eu was declared failed (drill) and is up'],
  ])('is wrong when it %s', (_, changes, expected) => {
    expect(told(changes)).toEqual([expected]);
  });
});
