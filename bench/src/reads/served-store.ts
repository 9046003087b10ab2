import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startThrowawayNats, type ThrowawayNats } from '@waybill/nats-server';
import { connectBus, provision, regionTopology } from '@waybill/transport';
import { untilInterrupted } from '../interruption.ts';
import { Progress } from '../progress.ts';
import { REPOSITORY } from '../stack/local-stack.ts';
import { freePortBlock } from '../stack/ports.ts';
import { ServiceProcess } from '../stack/service-process.ts';

const REGION = 'local';

/** The read models of many events, served by a projector with an ingress in front of it. */
export interface ServedStore {
  /** Where the ingress is asked, with `key`. */
  readonly url: string;
  readonly key: string;
  /** Version of the NATS server that ran. */
  readonly natsServer: string;
}

/**
 * Makes a store of `events` events, lets services serve it, and gives `use` what came of it, of which Ctrl-C ends it; all is stopped and removed after.
 * `door`: further environment of the ingress.
 */
export async function withServedStore<Result>(
  events: number,
  door: NodeJS.ProcessEnv,
  use: (store: ServedStore) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-store-'));
  const progress = new Progress(() => `a store of ${events} events is being made`);
  const running: ServiceProcess[] = [];
  const nats = await startThrowawayNats();
  try {
    const natsServer = await provisioned(nats);
    await untilInterrupted(makeStore(folder, events));
    progress.close();
    const key = 'bench-management-key';
    const url = await untilInterrupted(serve({ DATA_DIR: folder, NATS_URL: nats.url }, { ...door, MANAGEMENT_API_KEY: key }, running));
    return await untilInterrupted(use({ url, key, natsServer }));
  } finally {
    progress.close();
    await Promise.all(running.map((service) => service.stop()));
    await nats.cleanup();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts a projector on the made-up store and an ingress in front of it, which go into `running`; returns where the ingress is asked. */
async function serve(place: NodeJS.ProcessEnv, door: NodeJS.ProcessEnv, running: ServiceProcess[]): Promise<string> {
  const port = await freePortBlock(2);
  const env = { REGION, LOG_LEVEL: 'error', ...place };
  const projector = new ServiceProcess('projector', { env, port });
  const ingress = new ServiceProcess('ingress', { env: { ...env, ...door, PROJECTOR_URL: projector.url }, port: port + 1 });
  running.push(projector, ingress);
  await Promise.all([projector.ready(), ingress.ready()]);
  return ingress.url;
}

/** Makes the store, in a process of the projector's own: nobody else knows its tables. */
async function makeStore(folder: string, events: number): Promise<void> {
  const made = join(REPOSITORY, 'services/projector/dist/testing/made-store-main.js');
  await promisify(execFile)(process.execPath, [made, '--folder', folder, '--region', REGION, '--events', String(events)]);
}

async function provisioned(nats: ThrowawayNats): Promise<string> {
  const bus = await connectBus({ servers: nats.url, name: 'bench' });
  await provision(bus, regionTopology(REGION));
  const version = bus.nc.info?.version ?? 'unknown';
  await bus.close();
  return version;
}
