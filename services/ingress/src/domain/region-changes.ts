import { type RegionRecord, type RegionState, WaybillError } from '@waybill/contracts';

/** Who wants a region's state changed, and why. */
export interface ChangeOrder {
  readonly who: string;
  readonly why: string;
  readonly at: string;
  /** The region that is to stand in. */
  readonly to?: string | undefined;
}

type Change = Pick<RegionRecord, 'state' | 'share' | 'to' | 'forced'>;

/** The lease stays as it is: only the region itself renews it. */
const changed = (current: RegionRecord, { who, why, at }: ChangeOrder, change: Change): RegionRecord => {
  const { v, region, epoch, renewedAt, holder } = current;
  return { v, region, ...change, epoch: epoch + 1, since: at, who, why, how: 'manual', renewedAt, holder };
};

function requireState({ region, state }: RegionRecord, allowed: readonly RegionState[], verb: string): void {
  if (allowed.includes(state)) return;
  throw new WaybillError('WB_REGION_STATE', `${region} is ${state}; only a region that is ${allowed.join(' or ')} can be ${verb}`);
}

/** The region is to hand its work over in order. Throws WB_REGION_STATE. */
export function drained(current: RegionRecord, order: ChangeOrder): RegionRecord {
  requireState(current, ['active', 'recovering'], 'drained');
  return changed(current, order, { state: 'draining', share: 0, to: order.to });
}

/** The region is known to be down or cut off: others take its work over at once. Throws WB_REGION_STATE. */
export function failed(current: RegionRecord, order: ChangeOrder): RegionRecord {
  requireState(current, ['active', 'draining', 'recovering'], 'failed over');
  return changed(current, order, { state: 'failed', share: 0, to: order.to, forced: true });
}

/** The region may begin to come back. Who stands in meanwhile stays the same. Throws WB_REGION_STATE. */
export function recovering(current: RegionRecord, order: ChangeOrder): RegionRecord {
  requireState(current, ['drained', 'failed'], 'activated');
  return changed(current, order, { state: 'recovering', share: 0, to: current.to });
}

/** The region takes all of its work at once, without waiting for anybody to hand it back. Throws WB_REGION_STATE. */
export function activated(current: RegionRecord, order: ChangeOrder): RegionRecord {
  requireState(current, ['draining', 'drained', 'failed', 'recovering'], 'activated by force');
  return changed(current, order, { state: 'active', share: 100 });
}
