import { type Route, routeOf, type RoutingView } from '../regions/route.ts';
import { pinnedRegion } from './target.ts';

/** What the deployment says about who writes through which installation. */
export interface WritingRegions {
  /** All regions, in any order. */
  readonly regions: readonly string[];
  /** MULTI_REGION_ENABLED=false: the region that does everything. */
  readonly everythingIn?: string | undefined;
  /** `owner/name` in lower case to region. */
  readonly repositoryRegions?: ReadonlyMap<string, string> | undefined;
}

/** A repository, and the home of the tenant that stands for its owner. */
export interface WrittenTo {
  readonly owner: string;
  readonly repo: string;
  readonly home: string | undefined;
}

/** Whose turn it is, who does it now, and why. */
export interface WritingRoute extends Route {
  readonly wanted: string;
  /** A region that was named for it and is not declared. */
  readonly unknownRegion: string | undefined;
}

/**
 * Decides which region writes into a repository: dispatches, check runs and issues. All writes of an installation belong to one region, so that one paces
 * them: the owner decides, and what stands in for a failed region takes an owner as a whole. Nothing is handed on because of load: GitHub's limits are the
 * same everywhere. Undefined without regions. Pure.
 */
export function routeOfWrites(
  view: RoutingView,
  { regions, everythingIn, repositoryRegions }: WritingRegions,
  { repo, home, ...to }: WrittenTo,
): WritingRoute | undefined {
  const owner = to.owner.toLowerCase();
  const named = [repositoryRegions?.get(`${owner}/${repo.toLowerCase()}`), home].filter((region) => region !== undefined);
  const wanted = everythingIn ?? named.find((region) => regions.includes(region)) ?? pinnedRegion(owner, regions);
  if (wanted === undefined) return undefined;
  const route = routeOf(view, { wanted, placement: { residency: 'replicated', spill: 'never' }, stickTo: owner });
  return { wanted, unknownRegion: named.find((region) => !regions.includes(region)), ...route };
}
