import { WaybillError } from '@waybill/contracts';
import { type Connection, connectionOf, getMultiRegion, getRegionConfigs, type MultiRegion, type RegionConfig } from '@waybill/regions';

/** The regions as this process knows them. */
export interface Deployment {
  /** This region. */
  readonly region: string;
  /** All regions, the first choice for standing in first. */
  readonly order: readonly string[];
  /** The region that does all work that is not strict: with MULTI_REGION_ENABLED=false. */
  readonly onlyRegion: string | undefined;
  /** How to reach this region's NATS. */
  readonly nats: Connection;
  /** The regions as they are declared, and the flags about them. */
  readonly configs: readonly RegionConfig[];
  readonly multiRegion: MultiRegion;
  /** The cloud's name for a region. */
  readonly cloudRegion: (region: string) => string;
}

/** Reads which regions there are. Throws WB_CONFIG_INVALID, also when there are several and REGION does not say which one this is. */
export function deploymentOf(env?: NodeJS.ProcessEnv): Deployment {
  const configs = getRegionConfigs(env);
  const clouds = new Map(configs.map(({ id, region }) => [id, region]));
  const multiRegion = getMultiRegion(env);
  const { region, order, enabled, primaryRegion } = multiRegion;
  if (region === undefined) throw new WaybillError('WB_CONFIG_INVALID', `REGION: not set; set it to one of ${order.join(', ')}`);
  const onlyRegion = enabled || order.length < 2 ? undefined : primaryRegion;
  const nats = connectionOf({ service: 'ingress', region }, env);
  return { region, order, onlyRegion, nats, configs, multiRegion, cloudRegion: (id) => clouds.get(id) ?? id };
}
