import type { Deployment } from '../topology/deployment.ts';
import { deploymentUsers } from '../topology/server-settings.ts';

type Shape = Omit<Deployment, 'passwords'>;

/** A password that every quoting on the way must survive. */
export const samplePassword = (key: string): string => `${key} p$w"\\{}#@:/%`;

/** Gives every user of the deployment a password made from its key. */
export const withPasswords = (shape: Shape): Deployment => ({
  ...shape,
  passwords: Object.fromEntries(deploymentUsers(shape).map(({ key }) => [key, samplePassword(key)])),
});

export interface SampleOptions {
  readonly regions: readonly string[];
  readonly hubNodes: number;
  readonly mode?: Shape['mode'];
  readonly storeDir?: string;
}

/** Servers on loopback with ports counted up from 21000; three a region in production. */
export function sampleDeployment({ regions, hubNodes, mode = 'development', storeDir = '/data' }: SampleOptions): Deployment {
  let next = 21_000;
  const server = () => ({
    host: '127.0.0.1',
    port: (next += 1),
    clusterPort: (next += 1),
    leafPort: (next += 1),
    monitorPort: (next += 1),
    storeDir: `${storeDir}/${next}`,
  });
  const count = mode === 'production' ? 3 : 1;
  return withPasswords({
    mode,
    regions: regions.map((id) => ({ id, servers: Array.from({ length: count }, server) })),
    hub: Array.from({ length: hubNodes }, (_, index) => ({ site: regions[index] ?? 'arbiter', ...server() })),
  });
}
