import { type RoutingView, WaybillError } from '@waybill/contracts';
import { type ControlView, getMultiRegion, getRegionConfigs, type MultiRegion } from '@waybill/regions';
import type { RegionSettings } from '../domain/choose-regions.ts';

/** The region of this planner among the others. */
export interface RegionPlace {
  readonly region: string;
  /** Empty: a single region, without hub and control bucket. */
  readonly others: readonly string[];
  readonly multi: MultiRegion;
  readonly settings: RegionSettings;
}

/** Reads where this planner belongs from REGIONS_CONFIG and the flags, or the variables of a single region. Throws WB_CONFIG_INVALID. */
export function regionPlace(env: NodeJS.ProcessEnv, repositoryRegions?: ReadonlyMap<string, string>): RegionPlace {
  const regions = getRegionConfigs(env);
  const multi = getMultiRegion(env);
  const { region, order, enabled, primaryRegion } = multi;
  if (region === undefined)
    throw new WaybillError('WB_CONFIG_INVALID', `REGION: not set; a planner belongs to one region: ${order.join(', ')}`);
  const others = order.filter((other) => other !== region);
  const settings = {
    own: region,
    known: new Set(order),
    everythingIn: enabled || others.length === 0 ? undefined : primaryRegion,
    withDefault: new Set(regions.flatMap(({ id, webhookUrl }) => (webhookUrl === undefined ? [] : [id]))),
    repositoryRegions,
  };
  return { region, others, multi, settings };
}

/** What routing knows of the regions now. MULTI_REGION_ENABLED=false hands nothing on because of load; a failed region is gone all the same. */
export function routingOf({ multi }: RegionPlace, view: ControlView | undefined): () => RoutingView {
  const { order, enabled } = multi;
  if (view === undefined) {
    const alone: RoutingView = { order, states: new Map(), spilling: new Set() };
    return () => alone;
  }
  return enabled ? () => view.routing(order) : () => ({ ...view.routing(order), spilling: new Set() });
}
