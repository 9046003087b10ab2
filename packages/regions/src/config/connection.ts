import { directServer, givenVariables } from './direct-server.ts';
import { credentialOf, type RegionConfig } from './region-config.ts';
import { getMultiRegion, getRegionConfigs } from './regions-config.ts';

/** Who connects, and to the servers of which region. */
export interface Connecting {
  /** The user that the region's servers know the service by: `ingress`, `planner`, `dispatcher`, `projector`, `provisioner`, `operator`. */
  readonly service: string;
  readonly region: string;
}

/** What `connectBus` needs to know of a region's servers. */
export interface Connection {
  /** One URL, or several separated by commas. */
  readonly servers: string;
  readonly user?: string | undefined;
  /** With `user` its password, without it a token. */
  readonly password?: string | undefined;
  /** The only place where the service's user may receive answers. */
  readonly inboxPrefix: string;
  readonly name: string;
}

const EMBEDDED_SERVER = 'nats://127.0.0.1:4222';

/**
 * How a service connects to a region: NATS_URL (or REGION_HOST) with NATS_USER and NATS_PASSWORD (or REGION_KEY) when they are set; else the entry of
 * REGIONS_CONFIG with its key; else the embedded default. A process of REGION may connect to other regions: of those, their entries are taken.
 * Throws WB_CONFIG_INVALID when the declaration is wrong, or the region's key cannot be found.
 */
export function connectionOf({ service, region }: Connecting, env?: NodeJS.ProcessEnv): Connection {
  const common = { inboxPrefix: `_INBOX_${region}.${service}`, name: `${service}-${region}` };
  const given = givenVariables(env ?? process.env);
  const direct = directServer(given);
  const entry = getRegionConfigs(env).find(({ id }) => id === region);
  const isDirect = entry === undefined || (direct.host !== undefined && region === getMultiRegion(env).region);
  if (isDirect) return { ...common, servers: direct.host ?? EMBEDDED_SERVER, ...loginOf(direct, given) };
  return { ...common, servers: entry.host, ...loginOf(entry, given) };
}

function loginOf(config: Pick<RegionConfig, 'key' | 'user'>, env: NodeJS.ProcessEnv): Pick<Connection, 'user' | 'password'> {
  const { user, password, token } = credentialOf(config, env);
  const secret = password ?? token;
  return { ...(user === undefined ? {} : { user }), ...(secret === undefined ? {} : { password: secret }) };
}
