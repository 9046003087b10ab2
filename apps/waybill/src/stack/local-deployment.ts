import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Deployment, deploymentSchema, deploymentUsers } from '@waybill/nats-server';
import { credentialAt, type Installation } from '../deployment/installation.ts';
import { dataPaths, hubPorts, regionPorts } from './layout.ts';

export interface LocalShape {
  readonly dataDir: string;
  readonly basePort: number;
  readonly regions: readonly string[];
  /** Servers of the hub: 3 lose one without losing their majority; 0 where there is one region. */
  readonly hubNodes: number;
}

const LOOPBACK = '127.0.0.1';

/** All NATS servers of a stack on this machine, kept in the data folder. Passwords are made once and stay. */
export function localDeployment({ dataDir, basePort, regions, hubNodes }: LocalShape): Deployment {
  const paths = dataPaths(dataDir);
  const shape = {
    mode: 'development' as const,
    regions: regions.map((id, index) => ({
      id,
      servers: [{ host: LOOPBACK, port: regionPorts(basePort, index).nats, storeDir: natsFolder(dataDir, id) }],
    })),
    hub: Array.from({ length: hubNodes }, (_, index) => {
      const { client, leaf, cluster, monitor } = hubPorts(basePort, index);
      const site = regions[index] ?? 'arbiter';
      return {
        site,
        host: LOOPBACK,
        port: client,
        leafPort: leaf,
        clusterPort: cluster,
        monitorPort: monitor,
        storeDir: paths.hubNode(index),
      };
    }),
  };
  const known = storedDeployment(dataDir)?.passwords ?? {};
  const passwords = { ...known };
  for (const { key } of deploymentUsers(shape)) passwords[key] ??= randomBytes(24).toString('base64url');
  const deployment = { ...shape, passwords };
  writeFileSync(paths.deployment, `${JSON.stringify(deployment, null, 2)}\n`, { mode: 0o600 });
  return deployment;
}

/** The servers that the stack on a data folder has, or had when it ran; undefined when none ever did. */
export function storedDeployment(dataDir: string): Deployment | undefined {
  const file = dataPaths(dataDir).deployment;
  return existsSync(file) ? deploymentSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

export const natsFolder = (dataDir: string, region: string): string => join(dataPaths(dataDir).region(region), 'nats');

/** A local stack's servers with their users; with one region they have none. */
export const localInstallation = (deployment: Deployment): Installation => ({
  deployment,
  login: (place, user) => (deployment.hub.length === 0 ? undefined : credentialAt(deployment, place, user)),
});

/** The deployment as a region's servers see it when they dial other leaf ports than the hub's own: drills put a proxy between. */
export function throughLinkPorts(deployment: Deployment, leafPorts: readonly number[] | undefined): Deployment {
  if (leafPorts === undefined) return deployment;
  return { ...deployment, hub: deployment.hub.map((node, index) => ({ ...node, leafPort: leafPorts[index] ?? node.leafPort })) };
}
