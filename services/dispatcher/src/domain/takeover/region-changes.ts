import type { RegionRecord } from '@waybill/contracts';

/** Who changes a region's state, why and when (ISO 8601). */
export interface ChangeBy {
  readonly who: string;
  readonly why: string;
  readonly at: string;
}

/** The percentages of its work that a returning region is given, one after the other; at 100 it is active. */
const SHARES = [25, 50, 75, 100] as const;

/** The lease stays as it is: only the region's own renewals touch it. */
function changed(
  current: RegionRecord,
  { who, why, at }: ChangeBy,
  change: Pick<RegionRecord, 'state' | 'share' | 'epoch' | 'to'>,
): RegionRecord {
  const { v, region, renewedAt, holder } = current;
  return { v, region, ...change, since: at, who, why, how: 'automatic', renewedAt, holder };
}

/** The region's lease ran out: others take over. Whom an operator once chose to stand in does not count any more. */
export const declaredFailed = (current: RegionRecord, by: ChangeBy): RegionRecord =>
  changed(current, by, { state: 'failed', share: 0, epoch: current.epoch + 1, to: undefined });

/** The region is back and finds out what was done in its place. */
export const comingBack = (current: RegionRecord, by: ChangeBy): RegionRecord =>
  changed(current, by, { state: 'recovering', share: 0, epoch: current.epoch + 1, to: current.to });

/** The region has let go of its work. */
export const letGo = (current: RegionRecord, by: ChangeBy): RegionRecord =>
  changed(current, by, { state: 'drained', share: 0, epoch: current.epoch + 1, to: current.to });

/** The next share of a region that recovers; with all of its work it is active. The epoch stays while it recovers. */
export function withMore(current: RegionRecord, by: ChangeBy): RegionRecord {
  const share = SHARES.find((next) => next > current.share) ?? 100;
  if (share < 100) return changed(current, by, { state: 'recovering', share, epoch: current.epoch, to: current.to });
  return changed(current, by, { state: 'active', share, epoch: current.epoch + 1, to: undefined });
}
