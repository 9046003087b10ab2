import { pinnedRegion, routeOf, type RoutingView } from '@waybill/contracts';
import type { Decided } from './story.ts';

/** What the deployment says about who writes through which installation. */
export interface ReportRouting {
  /** All regions, the first choice for standing in first. */
  readonly order: readonly string[];
  /** MULTI_REGION_ENABLED=false: the region that does everything. */
  readonly everythingIn: string | undefined;
  /** `owner/name` in lower case to region. */
  readonly repositoryRegions: ReadonlyMap<string, string>;
}

/**
 * The region that reports on a run: the one that makes the dispatches into the source's installation, so that one region writes through it. `home`: of the
 * tenant that stands for the owner. Undefined for a run that no other region knows of: its own region reports. Pure.
 */
export function reportRegion(
  { order, everythingIn, repositoryRegions }: ReportRouting,
  view: RoutingView,
  { run, scope }: Pick<Decided, 'run' | 'scope'>,
  home: string | undefined,
): string | undefined {
  if (scope === 'l') return undefined;
  const owner = run.owner.toLowerCase();
  const named = [repositoryRegions.get(`${owner}/${run.repo.toLowerCase()}`), home].find(
    (region) => region !== undefined && order.includes(region),
  );
  const wanted = everythingIn ?? named ?? pinnedRegion(owner, order);
  if (wanted === undefined) return undefined;
  return routeOf(view, { wanted, placement: { residency: 'replicated', spill: 'never' }, stickTo: owner }).region;
}
