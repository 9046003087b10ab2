import { hash } from 'node:crypto';
import type { Placement } from './placement.ts';
import { isStrict, maySpill } from './placement.ts';
import type { RegionState } from './records.ts';

/** What routing must know of the regions. Pure data, so that planner, dispatcher and operator's dry run decide alike. */
export interface RoutingView {
  /** All regions, the first choice for standing in first. */
  readonly order: readonly string[];
  /** A region without an entry counts as active. */
  readonly states: ReadonlyMap<string, { readonly state: RegionState; readonly share: number; readonly to?: string | undefined }>;
  /** Regions that ask for their new events to go elsewhere. */
  readonly spilling: ReadonlySet<string>;
}

export interface RouteAsked {
  /** The region whose turn it is: the endpoint's, else the tenant's home, else the one that accepted. */
  readonly wanted: string;
  readonly placement: Placement | undefined;
  /** What must stay together: the correlation id. */
  readonly stickTo: string;
}

/** Where the work goes, and why there. */
export interface Route {
  readonly region: string;
  readonly because: 'wanted' | 'failover' | 'spillover' | 'nobody_else';
}

/** Percent bucket [0, 100) of what must stay together: the same in every region, so that all agree on who gets it back first. */
export const bucketOf = (stickTo: string): number => hash('sha256', stickTo, 'buffer').readUInt32BE(0) % 100;

const shareOf = (view: RoutingView, region: string): number => view.states.get(region)?.share ?? 100;

/** The regions that may stand in, in order: the operator's choice, then the tenant's list or all others. Empty for strict tenants. */
export function standIns(view: RoutingView, { wanted, placement }: RouteAsked): string[] {
  if (isStrict(placement)) return [];
  const listed = (placement?.failover ?? view.order).filter((region) => region !== wanted);
  const chosen = view.states.get(wanted)?.to;
  const may = placement?.failover === undefined || placement.failover.length > 0;
  return chosen === undefined || !may ? listed : [chosen, ...listed.filter((region) => region !== chosen)];
}

/** The first region that stands in for `wanted` and is fully active; undefined when there is none. */
export const standInOf = (view: RoutingView, asked: RouteAsked): string | undefined =>
  standIns(view, asked).find((region) => shareOf(view, region) === 100);

/**
 * Decides which region does the work: the wanted one as far as its state allows, else who stands in, then spillover. A recovering region gets the
 * share of what must stay together that its percentage says. When nobody can, the wanted region keeps it: it waits there.
 */
export function routeOf(view: RoutingView, asked: RouteAsked): Route {
  const { wanted, placement, stickTo } = asked;
  const share = shareOf(view, wanted);
  const isOpen = share === 100 || (share > 0 && bucketOf(stickTo) < share);
  if (isStrict(placement)) return { region: wanted, because: 'wanted' };
  if (!isOpen) {
    const region = standInOf(view, asked);
    return region === undefined ? { region: wanted, because: 'nobody_else' } : { region, because: 'failover' };
  }
  if (!view.spilling.has(wanted) || !maySpill(placement)) return { region: wanted, because: 'wanted' };
  const relief = standIns(view, asked).find((region) => shareOf(view, region) === 100 && !view.spilling.has(region));
  return relief === undefined ? { region: wanted, because: 'wanted' } : { region: relief, because: 'spillover' };
}
