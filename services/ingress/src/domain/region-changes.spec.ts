import { isWaybillError, REGION_STATES, type RegionRecord, regionRecordSchema, type RegionState } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { activated, type ChangeOrder, drained, failed, recovering } from './region-changes.ts';

const record = (state: RegionState, share: number): RegionRecord => ({
  v: 1,
  region: 'eu',
  state,
  epoch: 7,
  share,
  to: 'ap',
  since: '2026-01-01T00:00:00.000Z',
  who: 'eu',
  why: 'first start',
  how: 'automatic',
  forced: true,
  renewedAt: '2026-01-01T01:00:00.000Z',
  holder: 'pid 1',
});
const order: ChangeOrder = { who: 'admin', why: 'maintenance', at: '2026-01-02T00:00:00.000Z', to: 'us' };
const said = { region: 'eu', epoch: 8, who: 'admin', why: 'maintenance', how: 'manual', since: order.at };
const lease = { renewedAt: '2026-01-01T01:00:00.000Z', holder: 'pid 1' };

describe.each([
  ['drained', drained, ['active', 'recovering'], { state: 'draining', share: 0, to: 'us' }],
  ['failed', failed, ['active', 'draining', 'recovering'], { state: 'failed', share: 0, to: 'us', forced: true }],
  ['recovering', recovering, ['drained', 'failed'], { state: 'recovering', share: 0, to: 'ap' }],
  ['activated', activated, ['draining', 'drained', 'failed', 'recovering'], { state: 'active', share: 100 }],
] as const)('%s', (_name, change, allowed, becomes) => {
  it.each(allowed)('is open to a region that is %s, and leaves its lease alone', (state) => {
    const next = change(record(state, 25), order);
    expect(regionRecordSchema.parse(next)).toEqual({ v: 1, ...said, ...lease, ...becomes });
  });

  it.each(REGION_STATES.filter((state) => !allowed.some((open) => open === state)))('is refused to one that is %s', (state) => {
    try {
      change(record(state, 0), order);
      expect.unreachable();
    } catch (error) {
      expect(isWaybillError(error) && [error.code, error.message.includes(`eu is ${state}`)]).toEqual(['WB_REGION_STATE', true]);
    }
  });
});
