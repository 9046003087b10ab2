import { routeOfWrites, type RoutingView, type WritingRegions } from '@waybill/contracts';
import type { Decided } from './story.ts';

/**
 * The region that reports on a run: the one that makes the dispatches into the source's installation, so that one region writes through it. `home`: of the
 * tenant that stands for the owner. Undefined for a run that no other region knows of: its own region reports. Pure.
 */
export function reportRegion(
  routing: WritingRegions,
  view: RoutingView,
  { run: { owner, repo }, scope }: Pick<Decided, 'run' | 'scope'>,
  home: string | undefined,
): string | undefined {
  return scope === 'l' ? undefined : routeOfWrites(view, routing, { owner, repo, home })?.region;
}
