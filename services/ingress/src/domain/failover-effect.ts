import { type Endpoint, isStrict, mayFailOver, routeOf, type RoutingView, type Tenant } from '@waybill/contracts';

/** What becomes of the tenants whose work a region does, once it does nothing any more. */
export interface FailoverEffect {
  readonly moves: { readonly tenantId: string; readonly to: string }[];
  /** Whose work waits until the region is back: it is strict, lets nobody stand in, or nobody is there who could. */
  readonly stays: { readonly tenantId: string; readonly because: 'strict' | 'no_failover' | 'nobody_available' }[];
}

export interface FailoverAsked {
  readonly region: string;
  /** The regions as they would be, `region` out of action. */
  readonly view: RoutingView;
  readonly tenants: readonly Tenant[];
  readonly endpointsOf: (tenantId: string) => readonly Endpoint[];
  /** Strict tenants of which only the home is known here. */
  readonly strictHomes: readonly { readonly id: string; readonly home: string }[];
  /** The region that does all work that is not strict, while MULTI_REGION_ENABLED is false. */
  readonly onlyRegion?: string | undefined;
}

/** Whether the region does work of this tenant: as its home, as the one that accepted, or for an endpoint. */
function worksFor({ region, endpointsOf, onlyRegion }: FailoverAsked, { id, placement }: Tenant): boolean {
  if (isStrict(placement)) return placement?.home === region;
  if (onlyRegion !== undefined) return onlyRegion === region;
  return (placement?.home ?? region) === region || endpointsOf(id).some((endpoint) => endpoint.region === region);
}

/** Foretells the effect. Pure; decides as planner and dispatcher will. A tenant without a home counts, for what the region accepts for it. */
export function failoverEffect(asked: FailoverAsked): FailoverEffect {
  const { region, view, tenants, strictHomes } = asked;
  const { moves, stays }: FailoverEffect = { moves: [], stays: [] };
  for (const tenant of tenants) {
    if (!worksFor(asked, tenant)) continue;
    const { id: tenantId, placement } = tenant;
    const route = routeOf(view, { wanted: region, placement, stickTo: tenantId });
    if (route.region !== region) moves.push({ tenantId, to: route.region });
    else if (isStrict(placement)) stays.push({ tenantId, because: 'strict' });
    else stays.push({ tenantId, because: mayFailOver(placement) ? 'nobody_available' : 'no_failover' });
  }
  const known = new Set(tenants.map(({ id }) => String(id)));
  for (const { id, home } of strictHomes) if (home === region && !known.has(id)) stays.push({ tenantId: id, because: 'strict' });
  return { moves, stays };
}
