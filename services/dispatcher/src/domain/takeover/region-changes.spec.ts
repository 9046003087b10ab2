import { type RegionRecord, regionRecordSchema } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { comingBack, declaredFailed, letGo, withMore } from './region-changes.ts';

const AT = '2026-11-21T10:00:00.000Z';
const by = { who: 'eu', why: 'because', at: '2026-11-21T11:00:00.000Z' };
const record = (more: Partial<RegionRecord>): RegionRecord => ({
  v: 1,
  region: 'us',
  state: 'active',
  epoch: 4,
  share: 100,
  since: AT,
  who: 'admin',
  why: 'x',
  how: 'manual',
  renewedAt: AT,
  holder: 'h',
  ...more,
});

describe('the changes that dispatchers make to a region', () => {
  it('raise the epoch with the state, keep the lease, and say who, why and since when', () => {
    const failed = declaredFailed(record({ forced: true, to: 'ap' }), by);
    expect(failed).toEqual({
      ...record({ state: 'failed', share: 0, epoch: 5, how: 'automatic' }),
      who: 'eu',
      why: 'because',
      since: by.at,
    });
    expect(comingBack(failed, by)).toMatchObject({ state: 'recovering', share: 0, epoch: 6 });
    expect(letGo(record({ state: 'draining', to: 'ap' }), by)).toMatchObject({ state: 'drained', share: 0, epoch: 5, to: 'ap' });
  });

  it('lead back in steps of one epoch; who stood in does so until the end', () => {
    const shares = [record({ state: 'recovering', share: 0, to: 'ap' })];
    while (shares.at(-1)?.state === 'recovering') shares.push(withMore(shares.at(-1) ?? record({}), by));
    expect(shares.map(({ state, share, epoch, to }) => [state, share, epoch, to])).toEqual([
      ['recovering', 0, 4, 'ap'],
      ['recovering', 25, 4, 'ap'],
      ['recovering', 50, 4, 'ap'],
      ['recovering', 75, 4, 'ap'],
      ['active', 100, 5, undefined],
    ]);
  });

  it('are records that others can read', () => {
    for (const change of [declaredFailed, comingBack, letGo, withMore]) {
      expect(regionRecordSchema.safeParse(JSON.parse(JSON.stringify(change(record({}), by)))).success).toBe(true);
    }
  });
});
