import { join } from 'node:path';
import { dataPaths, type RegionPorts, type ServiceName } from './layout.ts';

export interface StackIdentity {
  readonly dataDir: string;
  readonly region: string;
  readonly ports: RegionPorts;
  readonly adminKey: string;
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
    ...given,
    NODE_ENV: 'production',
    WAYBILL_DATA: dataDir,
    WAYBILL_SUPERVISOR: String(process.pid),
    SERVICE_NAME: service,
    REGION: region,
    NATS_URL: `nats://127.0.0.1:${ports.nats}`,
    APP_HOST: '127.0.0.1',
    PORT: String(ports[service]),
    DATA_DIR: join(dataPaths(dataDir).region(region), service),
    PROJECTOR_URL: `http://127.0.0.1:${ports.projector}`,
    MANAGEMENT_API_KEY: stack.adminKey,
  };
}
