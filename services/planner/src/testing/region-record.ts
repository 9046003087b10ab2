import { type RegionRecord, regionRecordSchema } from '@waybill/contracts';

/** A region's record as the control bucket holds it. */
export function regionRecord(region: string, state: RegionRecord['state'], change: Partial<RegionRecord> = {}): RegionRecord {
  const at = '2026-01-01T00:00:00.000Z';
  const share = state === 'active' ? 100 : 0;
  const told = { since: at, who: 'spec', why: 'spec', how: 'manual', renewedAt: at, holder: 'spec' };
  return regionRecordSchema.parse({ v: 1, region, state, epoch: 1, share, ...told, ...change });
}
