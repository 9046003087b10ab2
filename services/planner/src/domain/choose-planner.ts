import { type Placement, type RoutingView, standInOf } from '@waybill/contracts';
import { isActive } from './choose-regions.ts';

/**
 * The region that plans an event which `failed` accepted and did not plan: the first that stands in for it; when the tenant lets nobody stand in, its
 * home. Undefined: nobody does, the event waits for its region. All regions that see the same view agree. Pure.
 */
export function plannerFor(view: RoutingView, failed: string, placement: Placement | undefined): string | undefined {
  // Which region plans does not depend on what sticks together.
  const standIn = standInOf(view, { wanted: failed, placement, stickTo: '' });
  if (standIn !== undefined || placement?.home === undefined || placement.home === failed) return standIn;
  return isActive(view, placement.home) ? placement.home : undefined;
}
