import type { Deployment } from '@waybill/nats-server';
import { regionPorts, SERVICES } from './layout.ts';
import { localInstallation } from './local-deployment.ts';
import type { RunningRegion } from './run-file.ts';

export const httpUrl = (port: number): string => `http://127.0.0.1:${port}`;

/** A region as `run.json` tells of it, before any of its processes runs. */
export function describedRegion(basePort: number, id: string, index: number): RunningRegion {
  const ports = regionPorts(basePort, index);
  const addresses = Object.fromEntries(SERVICES.map((name) => [name, httpUrl(ports[name])]));
  return { id, url: httpUrl(ports.ingress), natsUrl: `nats://127.0.0.1:${ports.nats}`, pids: {}, services: addresses };
}

/** The same, with who may look at its streams. */
export const withOperator = (region: RunningRegion, deployment: Deployment): RunningRegion => ({
  ...region,
  operator: localInstallation(deployment).login(region.id, 'operator'),
});
