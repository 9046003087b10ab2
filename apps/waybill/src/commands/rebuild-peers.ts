import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { runningStack } from '../client/api.ts';
import { dataPaths } from '../stack/layout.ts';
import { endProcesses } from '../stack/processes.ts';
import { topologyOptions } from '../stack/topology-options.ts';
import { tell } from '../terminal/print.ts';
import { installationHere, type WhichServers } from './installation-here.ts';

/** Those that read the copies. */
const READERS = ['dispatcher', 'projector'];
const STOP_BUDGET_MS = 25_000;

/**
 * Makes a region's copies of the other regions' facts anew. In a local stack its dispatcher and projector are stopped meanwhile and started again;
 * elsewhere they must have been stopped before.
 */
export async function rebuildPeersHere(servers: WhichServers, region: string): Promise<void> {
  const installation = await installationHere(servers);
  if (installation === undefined) throw new Error('name the servers with --deployment, or start the local stack first');
  const { rebuildCopies } = await import('../deployment/rebuild-copies.ts');
  const rebuild = (): Promise<void> => rebuildCopies(installation, region, topologyOptions(process.env), tell);
  await (servers.deployment === undefined ? withoutReaders(servers.data, region, rebuild) : rebuild());
  tell(`${region} reads the facts of the other regions from their beginning; watch it with "npx waybill doctor"`);
}

async function withoutReaders(dataDir: string, region: string, work: () => Promise<void>): Promise<void> {
  const pids = runningStack(dataDir).regions.find(({ id }) => id === region)?.pids ?? {};
  const held = dataPaths(dataDir).held(region);
  if (existsSync(held)) throw new Error(`${region} is kept down; first: npx waybill regions revive ${region}`);
  // While it lies there the supervisor starts nothing of the region that ends.
  writeFileSync(held, `${new Date().toISOString()}\n`);
  try {
    tell(`stopping ${READERS.join(' and ')} of ${region} …`);
    await endProcesses(
      READERS.flatMap((name) => pids[name] ?? []),
      STOP_BUDGET_MS,
    );
    await work();
  } finally {
    rmSync(held, { force: true });
  }
}
