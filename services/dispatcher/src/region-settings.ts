import { type Connection, connectionOf, credentialOf, getMultiRegion, getRegionConfigs, type RegionConfig } from '@waybill/regions';
import type { DispatcherConfig } from './config.ts';

/** What the worker of one region is told; what cannot be read of it is told when it is needed, so that it breaks this region alone. */
export interface RegionSettings {
  readonly region: string;
  /** All regions, the first choice for standing in first. */
  readonly order: readonly string[];
  readonly peers: readonly string[];
  /** MULTI_REGION_ENABLED=false: the region that does everything that need not stay in its own. */
  readonly everythingIn: string | undefined;
  /** The declared entry; absent in the embedded default. */
  readonly declared: RegionConfig | undefined;
  /** Others take over unasked, so this region must hold its lease. */
  readonly mustHoldLease: boolean;
  /** How to connect. Throws WB_CONFIG_INVALID when the region's key cannot be found. */
  readonly connection: () => Connection;
  /** The region's key in clear. Throws as `connection` does. */
  readonly key: () => string;
  /** Time for one attempt, in ms. */
  readonly requestTimeoutMs: number;
}

/** The regions that this process works for. Throws WB_CONFIG_INVALID when the declaration is wrong. */
export function regionSettings(env: NodeJS.ProcessEnv, config: DispatcherConfig): readonly RegionSettings[] {
  const { dispatcherRegions, order, enabled, failoverEnabled, primaryRegion } = getMultiRegion(env);
  const entries = new Map(getRegionConfigs(env).map((entry) => [entry.id, entry]));
  return dispatcherRegions.map((region) => {
    const declared = entries.get(region);
    return {
      region,
      order,
      peers: order.filter((other) => other !== region),
      everythingIn: enabled || order.length < 2 ? undefined : primaryRegion,
      declared,
      mustHoldLease: enabled && failoverEnabled,
      connection: () => connectionOf({ service: 'dispatcher', region }, env),
      key: () => (declared === undefined ? '' : keyOf(declared, env)),
      requestTimeoutMs: declared?.requestTimeoutMs ?? config.REQUEST_TIMEOUT_MS,
    };
  });
}

function keyOf(declared: RegionConfig, env: NodeJS.ProcessEnv): string {
  const { user, password, token } = credentialOf(declared, env);
  return user === undefined ? (token ?? '') : `${user}:${password ?? ''}`;
}
