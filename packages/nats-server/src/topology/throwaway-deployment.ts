import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNatsServer } from '../find.ts';
import { freePorts } from '../launch/free-ports.ts';
import { launchNats, type RunningNats } from '../launch/launch.ts';
import { waitForJetStream, waitForLink } from '../launch/monitoring.ts';
import type { ServerSettings } from '../launch/server-config.ts';
import { withRandomPasswords } from './passwords.ts';
import { type DeployedServer, type Deployment, HUB } from './deployment.ts';
import { hubConfig, passwordKey, regionConfig } from './server-settings.ts';
import { inboxPrefix } from './user-permissions.ts';

export interface ThrowawayShape {
  readonly regions: readonly string[];
  /** Default: 3 when there are several regions, else none. The first ones stand in the regions, the rest at the site `arbiter`. */
  readonly hubNodes?: number;
  /** Default development: one server a region. */
  readonly mode?: Deployment['mode'];
}

/** One server of a throwaway deployment; `running` is another one after `restart`. */
export interface ThrowawayServer {
  readonly running: RunningNats;
  /** SIGTERM. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again with the deployment's present configuration. */
  restart(): Promise<void>;
}

/** How a client connects as one user; the names are those of the NATS client. */
export interface ThrowawayLogin {
  readonly servers: string[];
  readonly user: string;
  readonly pass: string;
  readonly inboxPrefix: string;
}

/** All NATS servers of an installation, in a temporary folder. For tests and drills. */
export interface ThrowawayDeployment {
  readonly deployment: Deployment;
  /** The servers of a region, or of the hub (`hub`). */
  servers(place: string): readonly ThrowawayServer[];
  login(place: string, user: string): ThrowawayLogin;
  /** Adds regions and hub nodes: running servers get their new configuration (SIGHUP), those that are new are started. */
  grow(shape: Omit<ThrowawayShape, 'mode'>): Promise<void>;
  /** Ends all and removes their folder. */
  cleanup(): Promise<void>;
}

/** A deployment on free loopback ports, below `folder`, with random passwords. `present` keeps the servers and passwords that it has already. */
async function plan(folder: string, shape: ThrowawayShape, present?: Deployment): Promise<Deployment> {
  const { regions, mode = 'development' } = shape;
  const hubNodes = shape.hubNodes ?? (regions.length > 1 ? 3 : 0);
  const perRegion = mode === 'production' ? 3 : 1;
  const ports = await freePorts(3 * (hubNodes + perRegion * regions.length));
  const server = (name: string): DeployedServer => {
    const [port = 0, clusterPort = 0, leafPort = 0] = ports.splice(0, 3);
    return { host: '127.0.0.1', port, clusterPort, leafPort, monitorPort: 0, storeDir: join(folder, name) };
  };
  const region = (id: string): Deployment['regions'][number] =>
    present?.regions.find((one) => one.id === id) ?? {
      id,
      servers: Array.from({ length: perRegion }, (_, index) => server(`${id}-${index + 1}`)),
    };
  const node = (index: number): Deployment['hub'][number] =>
    present?.hub[index] ?? { site: regions[index] ?? 'arbiter', ...server(`${HUB}-${index + 1}`) };
  const hub = Array.from({ length: hubNodes }, (_, index) => node(index));
  return withRandomPasswords({ mode, regions: regions.map(region), hub }, present?.passwords);
}

interface Wanted {
  readonly place: string;
  readonly settings: ServerSettings;
}

const wantedServers = (deployment: Deployment): Wanted[] => [
  ...deployment.hub.map((_, index) => ({ place: HUB, settings: hubConfig(deployment, index) })),
  ...deployment.regions.flatMap(({ id, servers }) =>
    servers.map((_, index) => ({ place: id, settings: regionConfig(deployment, id, index) })),
  ),
];

class Server implements ThrowawayServer {
  readonly place: string;
  readonly #binary: string;
  #settings: ServerSettings;
  #running: RunningNats | undefined;

  constructor(binary: string, { place, settings }: Wanted) {
    this.#binary = binary;
    this.place = place;
    this.#settings = settings;
  }

  get name(): string {
    return this.#settings.serverName;
  }

  get running(): RunningNats {
    if (this.#running === undefined) throw new Error(`${this.name} was not started`);
    return this.#running;
  }

  async restart(): Promise<void> {
    this.#running = await launchNats({ binary: this.#binary, folder: this.#settings.storeDir, config: this.#settings });
  }

  /** Resolves when JetStream works there, and the link if it has one. */
  async ready(): Promise<void> {
    await waitForJetStream(this.running);
    if (this.#settings.leafnodes?.remotes !== undefined) await waitForLink(this.running);
  }

  async take(settings: ServerSettings): Promise<void> {
    this.#settings = settings;
    await this.running.reload(settings);
  }

  stop = async (): Promise<void> => this.#running?.stop();
  kill = async (): Promise<void> => this.#running?.kill();
}

function plainPassword({ passwords }: Deployment, place: string, user: string): string {
  const password = passwords[passwordKey(place, user)];
  if (typeof password === 'string') return password;
  throw new Error(`there is no user ${user} at ${place}`);
}

/** The hub comes first, so that the regions find it at their first try. */
async function startAll(servers: readonly Server[]): Promise<void> {
  for (const isHub of [true, false]) {
    const turn = servers.filter(({ place }) => (place === HUB) === isHub);
    const started = await Promise.allSettled(turn.map((server) => server.restart()));
    // Only now is it known which servers run, and must be ended when one could not be started.
    for (const one of started) if (one.status === 'rejected') throw one.reason;
    await Promise.all(turn.map((server) => server.ready()));
  }
}

/** Starts all servers of a deployment and waits until JetStream works on each. When one fails, none is left running. */
export async function startThrowawayDeployment(shape: ThrowawayShape): Promise<ThrowawayDeployment> {
  const { binary } = await findNatsServer();
  const folder = await mkdtemp(join(tmpdir(), 'waybill-deployment-'));
  let deployment = await plan(folder, shape);
  const servers = wantedServers(deployment).map((wanted) => new Server(binary, wanted));
  const cleanup = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.kill()));
    await rm(folder, { recursive: true, force: true });
  };
  await startAll(servers).catch(async (error: unknown) => {
    await cleanup();
    throw error;
  });
  const at = (place: string): Server[] => servers.filter((server) => server.place === place);
  return {
    get deployment() {
      return deployment;
    },
    servers: at,
    login: (place, user) => ({
      servers: at(place).map(({ running }) => running.url),
      user,
      pass: plainPassword(deployment, place, user),
      inboxPrefix: inboxPrefix(place, user),
    }),
    grow: async (wider) => {
      deployment = await plan(folder, { ...wider, mode: deployment.mode }, deployment);
      const wanted = wantedServers(deployment);
      const added = wanted.filter(({ settings }) => !servers.some(({ name }) => name === settings.serverName));
      const fresh = added.map((one) => new Server(binary, one));
      for (const server of servers) {
        const settings = wanted.find((one) => one.settings.serverName === server.name)?.settings;
        if (settings !== undefined) await server.take(settings);
      }
      servers.push(...fresh);
      await startAll(fresh);
      await Promise.all(servers.map((server) => server.ready()));
    },
    cleanup,
  };
}
