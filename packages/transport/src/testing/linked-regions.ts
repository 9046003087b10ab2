import { findNatsServer, launchNats, type RunningNats } from '@waybill/nats-server';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, connectBus } from '../bus.ts';

/** One server of the linked ones. */
export interface LinkedServer {
  readonly url: string;
  readonly bus: Bus;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

export interface LinkedRegions {
  readonly hub: LinkedServer;
  region(id: string): LinkedServer;
  buses(): { id: string; bus: Bus }[];
  cleanup(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const jetstream = (folder: string, domain: string): string[] => [
  `server_name: "${domain}-1"`,
  'ping_interval: "5s"',
  'ping_max: 2',
  `jetstream { store_dir: "${folder}", domain: "${domain}", limits { default_max_consumers: 4096 } }`,
  'accounts { WB { jetstream: enabled, users: [ { user: all, password: all } ] } }',
  'no_auth_user: all',
];

/** A hub with one server and regions that are its leaves, without restrictions: who may do what is the business of nats-server's own specs. */
export async function startLinkedRegions(ids: readonly string[]): Promise<LinkedRegions> {
  const root = await mkdtemp(join(tmpdir(), 'waybill-linked-'));
  const { binary } = await findNatsServer();
  const leafPort = await freePort();
  const running: Running[] = [];
  const open = async (id: string, leafnodes: string): Promise<Running> => {
    const server = await startServer({ binary, folder: join(root, id), id, leafnodes });
    running.push(server);
    return server;
  };
  const hub = await open('hub', `leafnodes { listen: "127.0.0.1:${leafPort}", no_advertise: true }`);
  const remote = `leafnodes { reconnect: "1s", remotes: [ { account: WB, url: "nats://all:all@127.0.0.1:${leafPort}" } ] }`;
  const regions = new Map<string, Running>();
  for (const id of ids) regions.set(id, await open(id, remote));
  const region = (id: string): Running => {
    const found = regions.get(id);
    if (found === undefined) throw new Error(`no region ${id} here`);
    return found;
  };
  return {
    hub,
    region,
    buses: () => ids.map((id) => ({ id, bus: region(id).bus })),
    cleanup: async () => {
      await Promise.all(running.map((one) => one.end()));
      await rm(root, { recursive: true, force: true });
    },
  };
}

interface Running extends LinkedServer {
  end(): Promise<void>;
}

async function startServer(wanted: { binary: string; folder: string; id: string; leafnodes: string }): Promise<Running> {
  const { binary, folder, id, leafnodes } = wanted;
  await mkdir(folder, { recursive: true });
  const configFile = join(folder, 'server.conf');
  const port = await freePort();
  await writeFile(configFile, [`listen: "127.0.0.1:${port}"`, ...jetstream(folder, id), leafnodes].join('\n'));
  const launch = (): Promise<RunningNats> => launchNats({ binary, folder, configFile, storeDir: folder });
  let server = await launch();
  const bus = await connectBus({ servers: server.url, name: `spec-${id}` });
  return {
    url: server.url,
    bus,
    kill: () => server.kill(),
    restart: async () => {
      server = await launch();
    },
    end: async () => {
      await bus.close();
      await server.kill();
    },
  };
}
