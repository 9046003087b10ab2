import { type DispatchTarget, routeOfWrites, type RoutingView, type Scope } from '@waybill/contracts';
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

/** Decides which region makes a workflow dispatch: the one that writes through the owner's installation. Pure. */
export function routeDispatch({ settings, view, acceptedIn, scope, home, target }: DispatchToRoute): Omit<DeliveryRoute, 'endpointId'> {
  // A fact of scope l that names another region would never get there.
  if (scope === 'l') return { wanted: acceptedIn, region: acceptedIn, because: 'fixed' };
  const { owner, repo } = target;
  const alone = { wanted: settings.own, region: settings.own, because: 'wanted' } as const;
  return routeOfWrites(view, { ...settings, regions: [...settings.known] }, { owner, repo, home }) ?? alone;
}
