import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { regionPorts, type ServiceName } from './layout.ts';
import { serviceEnv, type StackIdentity } from './service-env.ts';
import type { Supervised } from './supervisor.ts';

/**
 * Many processes share one machine here. Each service collects its garbage in its own thread instead of in helpers that compete for the cores, and
 * has its young generation at full size from the start, so that memory is flat instead of growing towards it. The old
 * generation may grow by 30 % between two collections: a soak of 300,000 events ends where it was after 100,000.
 */
const NODE_FLAGS = [
  '--enable-source-maps',
  '--min-semi-space-size=16',
  '--max-semi-space-size=16',
  '--single-threaded-gc',
  '--heap-growing-percent=30',
];
const services = fileURLToPath(new URL('../../../../services', import.meta.url));
const site = fileURLToPath(new URL('../../../dashboard/dist/site', import.meta.url));

/** What the services of all regions of a stack have in common. */
export type ServiceContext = Omit<StackIdentity, 'region' | 'ports'> & { readonly env: NodeJS.ProcessEnv };

/** One service of a region as a process to keep running. Makes its data folder. */
export function serviceProcess({ env: given, ...context }: ServiceContext, region: string, name: ServiceName): Supervised {
  const index = context.deployment.regions.findIndex(({ id }) => id === region);
  const dashboardDir = existsSync(join(site, 'index.html')) ? site : undefined;
  const env = serviceEnv({ ...context, dashboardDir, region, ports: regionPorts(context.basePort, index) }, name, given);
  mkdirSync(String(env['DATA_DIR']), { recursive: true });
  return { place: region, name, command: process.execPath, args: [...NODE_FLAGS, join(services, name, 'dist/main.js')], env };
}
