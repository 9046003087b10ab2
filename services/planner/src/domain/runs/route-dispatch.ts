import { type DispatchTarget, pinnedRegion, routeOf, type RoutingView, type Scope } from '@waybill/contracts';
import type { DeliveryRoute, RegionSettings } from '../choose-regions.ts';

export interface DispatchToRoute {
  readonly settings: RegionSettings;
  readonly view: RoutingView;
  /** The region that took the source run in, and the scope of that event. */
  readonly acceptedIn: string;
  readonly scope: Scope;
  /** Home of the tenant that stands for the target's owner. */
  readonly home: string | undefined;
  readonly target: Pick<DispatchTarget, 'owner' | 'repo'>;
}

/**
 * Decides which region makes a workflow dispatch. All writes of an installation belong to one region, so that one paces them: the owner decides, and what
 * stands in for a failed region takes an owner as a whole. Nothing is handed on because of load: GitHub's limits are the same everywhere. Pure.
 */
export function routeDispatch({ settings, view, acceptedIn, scope, home, target }: DispatchToRoute): Omit<DeliveryRoute, 'endpointId'> {
  // A fact of scope l that names another region would never get there.
  if (scope === 'l') return { wanted: acceptedIn, region: acceptedIn, because: 'fixed' };
  const owner = target.owner.toLowerCase();
  const named = [settings.repositoryRegions?.get(`${owner}/${target.repo.toLowerCase()}`), home].filter((region) => region !== undefined);
  const known = named.find((region) => settings.known.has(region)) ?? pinnedRegion(owner, [...settings.known]);
  const wanted = settings.everythingIn ?? known ?? settings.own;
  const route = routeOf(view, { wanted, placement: { residency: 'replicated', spill: 'never' }, stickTo: owner });
  return { wanted, unknownRegion: named.find((region) => !settings.known.has(region)), ...route };
}
