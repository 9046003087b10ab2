import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { WaybillError } from '@waybill/contracts';
import { type Deployment, findNatsServer, launchNats, regionConfig, withRandomPasswords } from '@waybill/nats-server';
import type { Bus } from '@waybill/transport';
import { connectTo, credentialAt } from '../deployment/installation.ts';
import { dataPaths } from '../stack/layout.ts';
import { natsFolder, storedDeployment } from '../stack/local-deployment.ts';
import { lockFolder } from '../stack/lock.ts';
import { belongsTo, endProcesses, isAlive } from '../stack/processes.ts';
import { pidsOf, readRunFile, writeRunFile } from '../stack/run-file.ts';

const STOP_BUDGET_MS = 25_000;

/**
 * Lets `use` work at a nats-server of its own on a region's folder below the data folder of a local stack that does not run; the next start of the stack
 * finds what was done. Throws FolderInUse while a stack runs there, and WB_BACKUP_INVALID when the stack there has no such region.
 */
export async function withSpareServer<T>(dataDir: string, region: string, use: (bus: Bus) => Promise<T>): Promise<T> {
  const stored = storedDeployment(dataDir);
  if (stored !== undefined && !stored.regions.some(({ id }) => id === region))
    throw new WaybillError('WB_BACKUP_INVALID', `the stack in ${dataDir} has no region ${region}: name an empty folder with --data`);
  mkdirSync(natsFolder(dataDir, region), { recursive: true });
  const unlock = lockFolder(dataPaths(dataDir).lock);
  try {
    await endRemains(dataDir);
    return await atSpareServer(dataDir, withUsers(dataDir, region, stored), use);
  } finally {
    unlock();
  }
}

/** A server that a killed restore left behind still works on the same files. */
async function endRemains(dataDir: string): Promise<void> {
  const before = readRunFile(dataPaths(dataDir).run);
  const left = (before === undefined ? [] : pidsOf(before)).filter((pid) => isAlive(pid) && belongsTo(pid, dataDir));
  await endProcesses(left, STOP_BUDGET_MS);
}

interface Spare {
  readonly region: string;
  readonly deployment: Deployment;
  /** With users the streams belong to another account than without. */
  readonly hasUsers: boolean;
}

/** The region as the stack that was here last has it; on an empty folder a region of its own, which may get users at the next start. */
function withUsers(dataDir: string, region: string, stored: Deployment | undefined): Spare {
  const hasUsers = stored !== undefined && stored.hub.length > 0 && !existsSync(join(natsFolder(dataDir, region), 'jetstream', '$G'));
  const alone = {
    mode: 'development' as const,
    regions: [{ id: region, servers: [{ host: '127.0.0.1', port: 0, storeDir: natsFolder(dataDir, region) }] }],
    hub: [],
  };
  const { passwords, ...shape } = stored ?? { ...alone, passwords: {} };
  return { region, deployment: withRandomPasswords(shape, passwords), hasUsers };
}

async function atSpareServer<T>(dataDir: string, { region, deployment, hasUsers }: Spare, use: (bus: Bus) => Promise<T>): Promise<T> {
  const { binary } = await findNatsServer();
  const folder = natsFolder(dataDir, region);
  const { leafnodes: _, ...settings } = regionConfig(deployment, region, 0);
  const config = hasUsers ? { ...settings, port: 0 } : { serverName: `${region}-1`, domain: region, port: 0, storeDir: folder };
  const server = await launchNats({ binary, folder, config, ownProcessGroup: true });
  const { run } = dataPaths(dataDir);
  // So that the next start ends the server if this process is killed.
  const here = { id: region, url: '', natsUrl: server.url, pids: { nats: server.pid }, services: {} };
  writeRunFile(run, { pid: process.pid, adminKey: '', ready: false, regions: [here], hub: { pids: [] }, receiverUrl: '' });
  const broken = (): void => void server.stop().finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, broken);
  try {
    return await connected(server.port, { region, deployment, hasUsers }, use);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, broken);
    await server.stop();
    rmSync(run, { force: true });
  }
}

async function connected<T>(port: number, { region, deployment, hasUsers }: Spare, use: (bus: Bus) => Promise<T>): Promise<T> {
  const regions = [{ id: region, servers: [{ host: '127.0.0.1', port, storeDir: '' }] }];
  const login = (place: string, user: string): ReturnType<typeof credentialAt> | undefined =>
    hasUsers ? credentialAt(deployment, place, user) : undefined;
  const bus = await connectTo({ deployment: { ...deployment, regions }, login }, { place: region, user: 'keeper' });
  try {
    return await use(bus);
  } finally {
    await bus.close();
  }
}
