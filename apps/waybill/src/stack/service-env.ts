import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { Deployment } from '@waybill/nats-server';
import { z } from 'zod';
import { dataPaths, type RegionPorts, regionPorts, type ServiceName } from './layout.ts';
import { localInstallation } from './local-deployment.ts';

export interface StackIdentity {
  readonly dataDir: string;
  readonly basePort: number;
  readonly region: string;
  readonly ports: RegionPorts;
  readonly adminKey: string;
  readonly receiverUrl: string;
  readonly deployment: Deployment;
  /** Where the GitHub of the local stack is, and its App. */
  readonly github?: NodeJS.ProcessEnv | undefined;
  /** Where spans go, as far as the user did not say. */
  readonly traces?: NodeJS.ProcessEnv | undefined;
  /** Where the built dashboard is; undefined: it was not built. */
  readonly dashboardDir?: string | undefined;
}

/**
 * The environment of one service in the local stack: what the user set stays, what the stack decides is added.
 * `EGRESS_ALLOW=loopback` because the local receiver is on loopback; it is said at start.
 */
export function serviceEnv(stack: StackIdentity, service: ServiceName, given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { ports, region, dataDir } = stack;
  return {
    LOG_LEVEL: 'info',
    EGRESS_ALLOW: 'loopback',
    ...stack.github,
    ...(stack.dashboardDir === undefined ? {} : { DASHBOARD_DIR: stack.dashboardDir }),
    ...given,
    ...stack.traces,
    NODE_ENV: 'production',
    WAYBILL_DATA: dataDir,
    WAYBILL_SUPERVISOR: String(process.pid),
    SERVICE_NAME: service,
    REGION: region,
    NATS_URL: natsUrl(ports),
    APP_HOST: '127.0.0.1',
    PORT: String(ports[service]),
    PUBLIC_URL: `http://127.0.0.1:${ports.ingress}`,
    DATA_DIR: join(dataPaths(dataDir).region(region), service),
    PROJECTOR_URL: `http://127.0.0.1:${ports.projector}`,
    MANAGEMENT_API_KEY: stack.adminKey,
    REGION_SHARED_KEY: hash('sha256', `regions ${stack.adminKey}`, 'hex'),
    ...severalRegions(stack, service, given),
  };
}

const natsUrl = ({ nats }: RegionPorts): string => `nats://127.0.0.1:${nats}`;
const keyVariable = (region: string): string => `REGION_KEY_${region.toUpperCase().replaceAll('-', '_')}`;

const optionsSchema = z.record(z.string(), z.record(z.string(), z.unknown()));

/** WAYBILL_REGION_OPTIONS: further fields of regions in REGIONS_CONFIG, by id, as `{"eu":{"rate_limit_per_second":50}}`. */
const regionOptions = (given: NodeJS.ProcessEnv): z.infer<typeof optionsSchema> =>
  optionsSchema.parse(JSON.parse(given['WAYBILL_REGION_OPTIONS'] || '{}'));

/** What only a stack of several regions has: where each is, the service's own user, and the domain of the hub. One region goes without. */
function severalRegions(identity: StackIdentity, service: ServiceName, given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { deployment, region, basePort, receiverUrl } = identity;
  const { login } = localInstallation(deployment);
  const own = login(region, service);
  if (own === undefined) return {};
  const options = regionOptions(given);
  const regions = deployment.regions.map(({ id }, index) => ({
    id,
    host: natsUrl(regionPorts(basePort, index)),
    region: id,
    key: `env:${keyVariable(id)}`,
    webhook_url: `${receiverUrl}/regions/${id}`,
    priority: index + 1,
    spillover: {},
    ...options[id],
  }));
  const keys = deployment.regions.map(({ id }): [string, string] => {
    const credential = login(id, service);
    return [keyVariable(id), `${credential?.user}:${credential?.password}`];
  });
  return {
    // JSON is YAML.
    REGIONS_CONFIG: JSON.stringify(regions),
    CONTROL_DOMAIN: 'hub',
    NATS_USER: own.user,
    NATS_PASSWORD: own.password,
    ...Object.fromEntries(keys),
  };
}
