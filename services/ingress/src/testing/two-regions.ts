import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { streamNames } from '@waybill/contracts';
import { HUB, startThrowawayDeployment, type ThrowawayDeployment } from '@waybill/nats-server';
import type { RunningService } from '@waybill/runtime';
import { type Bus, connectBus, provisionRegions, REGISTRY_STREAM, scanStream } from '@waybill/transport';
import { type Call, callAt, KEY, startReady } from './ingress-under-test.ts';

export const [US, EU] = ['us-central1', 'europe-west1'] as const;
const REGIONS = [US, EU];
type Region = (typeof REGIONS)[number];

/** Two regions with their ingresses, joined by a hub, each with the rights that it has in production. */
export interface TwoRegions {
  readonly servers: ThrowawayDeployment;
  readonly us: Call;
  readonly eu: Call;
  url(region: Region): string;
  /** A connection as one of the users of a region, or of the hub. */
  bus(place: string, user: string): Promise<Bus>;
  /** All that a region's stream holds: subject and body of each message, as text. */
  everythingIn(region: Region, stream: 'registry' | 'log' | 'peers'): Promise<string[]>;
  stop(region: Region): Promise<void>;
  /** Stops the ingress of a region, if it runs, and starts it on the same data. */
  restart(region: Region): Promise<void>;
  cleanup(): Promise<void>;
}

/** What every process of this deployment is told about it. */
function environment(servers: ThrowawayDeployment, region: Region, dataDir: string): Record<string, string> {
  const regions = REGIONS.map((id, index) => {
    const { servers: hosts, user, pass } = servers.login(id, 'ingress');
    const webhook_url = `https://hooks.test/${id}`;
    return { id, host: hosts.join(','), region: `cloud-${id}`, key: `${user}:${pass}`, webhook_url, priority: index + 1 };
  });
  return {
    REGION: region,
    REGIONS_CONFIG: JSON.stringify(regions),
    CONTROL_DOMAIN: HUB,
    MANAGEMENT_API_KEY: KEY,
    DATA_DIR: join(dataDir, region),
  };
}

/** The stream's content in the form in which somebody who may read it would get it. */
async function textOf(bus: Bus, stream: string): Promise<string[]> {
  const { state } = await bus.jsm.streams.info(stream);
  const seen: string[] = [];
  if (state.messages === 0) return seen;
  await scanStream(bus, { stream, subjects: ['>'] }, ({ subject, body }) => void seen.push(`${subject} ${Buffer.from(body).toString()}`));
  return seen;
}

/** Starts everything, with `env` for both ingresses besides, and waits until they are ready. */
export async function startTwoRegions(env: Record<string, string> = {}): Promise<TwoRegions> {
  const servers = await startThrowawayDeployment({ regions: REGIONS, hubNodes: 1 });
  const dataDir = await mkdtemp(join(tmpdir(), 'waybill-ingresses-'));
  const open: Bus[] = [];
  const bus = async (place: string, user: string): Promise<Bus> => {
    const { servers: hosts, pass, ...login } = servers.login(place, user);
    const opened = await connectBus({ ...login, servers: hosts.join(','), password: pass, name: `${user}-${place}` });
    open.push(opened);
    return opened;
  };
  const running = new Map<string, RunningService>();
  const start = async (region: Region): Promise<void> => {
    running.set(region, await startReady({ ...environment(servers, region, dataDir), ...env }));
  };
  const stop = async (region: Region): Promise<void> => {
    await running.get(region)?.close();
    running.delete(region);
  };
  const cleanup = async (): Promise<void> => {
    await Promise.all(REGIONS.map(stop));
    for (const opened of open) await opened.close();
    await servers.cleanup();
    await rm(dataDir, { recursive: true, force: true });
  };
  const url = (region: Region): string => running.get(region)?.url ?? '';
  const reader = new Map<Region, Bus>();
  const startAll = async (): Promise<void> => {
    const provisioned = await Promise.all(REGIONS.map(async (id) => ({ id, bus: await bus(id, 'provisioner') })));
    await provisionRegions(provisioned, await bus(HUB, 'admin'));
    await Promise.all(REGIONS.map(start));
    for (const region of REGIONS) reader.set(region, await bus(region, 'ingress'));
  };
  await startAll().catch(async (error: unknown) => {
    await cleanup();
    throw error;
  });
  return {
    servers,
    us: (...request) => callAt(url(US))(...request),
    eu: (...request) => callAt(url(EU))(...request),
    url,
    bus,
    everythingIn: (region, stream) => {
      const connection = reader.get(region);
      if (connection === undefined) throw new Error(`no ${region} here`);
      return textOf(connection, stream === 'registry' ? REGISTRY_STREAM : streamNames(region)[stream]);
    },
    stop,
    restart: async (region) => {
      await stop(region);
      await start(region);
    },
    cleanup,
  };
}
