import { mkdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Deployment, findNatsServer, HUB, type SearchProgress, waitForJetStream } from '@waybill/nats-server';
import { provisionAll } from '../deployment/provision-all.ts';
import { adminKeyOf } from './admin-key.ts';
import { portsInUse } from './free-ports.ts';
import { dataPaths, hubPorts, receiverPort, regionPorts, SERVICES, type ServiceName } from './layout.ts';
import { localDeployment, localInstallation } from './local-deployment.ts';
import { startLocalReceiver } from './local-receiver.ts';
import { lockFolder } from './lock.ts';
import { type LinkPorts, writeConfigs } from './nats-servers.ts';
import { belongsTo, endProcesses, isAlive } from './processes.ts';
import { pidsOf, readRunFile, type RunState, writeRunFile } from './run-file.ts';
import { serviceEnv } from './service-env.ts';
import { Supervisor } from './supervisor.ts';
import { topologyOptions } from './topology-options.ts';
import { waitReady } from './wait-ready.ts';

export interface StackOptions {
  readonly dataDir: string;
  readonly regions: readonly string[];
  /** Servers of the hub; 0 with one region. */
  readonly hubNodes: number;
  readonly basePort: number;
  readonly linkPorts?: LinkPorts | undefined;
  /** Told in one line each: what is being done, what died, what was delivered. */
  readonly tell: (line: string) => void;
  /** What the user set; handed on to the services. */
  readonly env: NodeJS.ProcessEnv;
  /** Aborts a start that is still going on. */
  readonly signal: AbortSignal;
}

const httpUrl = (port: number): string => `http://127.0.0.1:${port}`;
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
/** nats-server's heap may grow by 50 % of what lives between two collections (Go's default is 100 %), unless the user says otherwise. */
const NATS_ENV = { GOGC: '50' };
const READY_BUDGET_MS = 90_000;
const STOP_BUDGET_MS = 25_000;
const services = fileURLToPath(new URL('../../../../services', import.meta.url));

/** The whole product on one machine: each region's nats-server and four services as processes of their own, the hub between, a local receiver. */
export class Stack {
  readonly #options: StackOptions;
  readonly #paths: ReturnType<typeof dataPaths>;
  readonly #supervisor: Supervisor;
  readonly #undo: (() => void | Promise<void>)[] = [];
  readonly #hubPids = new Map<string, number>();
  #state: RunState;
  #receiver: Server | undefined;

  constructor(options: StackOptions) {
    this.#options = options;
    this.#paths = dataPaths(options.dataDir);
    this.#supervisor = new Supervisor(options.dataDir, {
      started: (place, name, pid) => this.#started(place, name, pid),
      tell: options.tell,
    });
    this.#state = {
      pid: process.pid,
      adminKey: '',
      ready: false,
      regions: options.regions.map((id, index) => this.#described(id, index)),
      hub: { pids: [] },
      receiverUrl: httpUrl(receiverPort(options.basePort)),
    };
  }

  get state(): RunState {
    return this.#state;
  }

  /** Starts everything and resolves when all is ready. On failure nothing is left running. */
  async start(): Promise<RunState> {
    try {
      mkdirSync(this.#paths.logs, { recursive: true });
      this.#undo.push(lockFolder(this.#paths.lock));
      await this.#clearRemains();
      await this.#refusePortsInUse();
      const deployment = localDeployment(this.#options);
      const { login } = localInstallation(deployment);
      this.#state = {
        ...this.#state,
        adminKey: adminKeyOf(this.#paths.adminKey, this.#options.env),
        regions: this.#state.regions.map((region) => ({ ...region, operator: login(region.id, 'operator') })),
      };
      await this.#startNats(deployment);
      await this.#startReceiver();
      await this.#startServices(deployment);
      this.#change((state) => ({ ...state, ready: true }));
      return this.#state;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Drains: the doors first, then the pipelines in the direction of their flow, NATS last. Resolves when no process is left. */
  async stop(): Promise<void> {
    const { regions, hubNodes } = this.#options;
    for (const name of [...SERVICES, 'nats']) await this.#supervisor.stop(regions, [name], STOP_BUDGET_MS);
    await this.#supervisor.stop([HUB], nodeNames(hubNodes), STOP_BUDGET_MS);
    this.#receiver?.closeAllConnections();
    this.#receiver?.close();
    for (const undo of this.#undo.splice(0).toReversed()) await undo();
    if (!this.#state.ready) return;
    this.#change((state) => ({
      ...state,
      ready: false,
      regions: state.regions.map((region) => ({ ...region, pids: {} })),
      hub: { pids: [] },
    }));
  }

  #described(id: string, index: number): RunState['regions'][number] {
    const ports = regionPorts(this.#options.basePort, index);
    const addresses = Object.fromEntries(SERVICES.map((name) => [name, httpUrl(ports[name])]));
    return { id, url: httpUrl(ports.ingress), natsUrl: `nats://127.0.0.1:${ports.nats}`, pids: {}, services: addresses };
  }

  /** What a supervisor that was killed left behind is ended first: two sets of services on one log would deliver twice. */
  async #clearRemains(): Promise<void> {
    for (const place of [HUB, ...this.#options.regions]) rmSync(this.#paths.held(place), { force: true });
    const before = readRunFile(this.#paths.run);
    const pids = before === undefined ? [] : pidsOf(before);
    const left = pids.filter((pid) => isAlive(pid) && belongsTo(pid, this.#options.dataDir));
    if (left.length === 0) return;
    this.#options.tell(`ending ${left.length} processes that an earlier run left behind`);
    await endProcesses(left, STOP_BUDGET_MS);
  }

  async #refusePortsInUse(): Promise<void> {
    const { basePort, regions, hubNodes } = this.#options;
    const wanted: [string, number][] = [['receiver', receiverPort(basePort)]];
    for (const [index, region] of regions.entries()) {
      const prefix = regions.length === 1 ? '' : `${region} `;
      for (const [name, port] of Object.entries(regionPorts(basePort, index))) wanted.push([`${prefix}${name}`, port]);
    }
    for (const index of Array.from({ length: hubNodes }, (_, position) => position))
      for (const [name, port] of Object.entries(hubPorts(basePort, index))) wanted.push([`hub ${index + 1} ${name}`, port]);
    const taken = await portsInUse(Object.fromEntries(wanted));
    if (taken.length > 0) throw new Error(`ports in use: ${taken.join(', ')}. Choose others with --port N.`);
  }

  async #startNats(deployment: Deployment): Promise<void> {
    const { tell, signal, dataDir, linkPorts, env } = this.#options;
    const found = await findNatsServer({
      signal,
      onProgress: (progress: SearchProgress) => tell(`nats-server, ${progress.way}: ${progress.text}`),
    });
    tell(`nats-server ${found.version} (${found.way})`);
    for (const { place, name, file } of writeConfigs(deployment, dataDir, linkPorts))
      this.#supervisor.supervise({ place, name, command: found.binary, args: ['-c', file], env: { ...NATS_ENV, ...env } });
    // A hub of several greets before it has a leader, and a stream cannot be made before.
    await Promise.all(deployment.hub.map(({ monitorPort = 0 }) => waitForJetStream({ monitorUrl: httpUrl(monitorPort) }, READY_BUDGET_MS)));
    await provisionAll(localInstallation(deployment), { topology: topologyOptions(env) }, tell);
  }

  async #startReceiver(): Promise<void> {
    this.#receiver = await startLocalReceiver(receiverPort(this.#options.basePort), () => undefined);
  }

  async #startServices(deployment: Deployment): Promise<void> {
    const { dataDir, basePort, regions } = this.#options;
    const { adminKey, receiverUrl } = this.#state;
    for (const [index, region] of regions.entries()) {
      const identity = { dataDir, basePort, region, ports: regionPorts(basePort, index), adminKey, receiverUrl, deployment };
      for (const name of SERVICES) {
        const env = serviceEnv(identity, name, this.#options.env);
        mkdirSync(String(env['DATA_DIR']), { recursive: true });
        const args = [...NODE_FLAGS, join(services, name, 'dist/main.js')];
        this.#supervisor.supervise({ place: region, name, command: process.execPath, args, env });
      }
    }
    await Promise.all(this.#state.regions.flatMap((region) => SERVICES.map((name) => this.#serviceReady(region, name))));
  }

  async #serviceReady({ id, services: addresses }: RunState['regions'][number], name: ServiceName): Promise<void> {
    await waitReady(addresses[name] ?? '', READY_BUDGET_MS, this.#options.signal).catch((error: unknown) => {
      throw new Error(`${name} of ${id} did not start; its log is ${this.#supervisor.logFile(id, name)}`, { cause: error });
    });
  }

  #started(place: string, name: string, pid: number): void {
    if (place === HUB) this.#hubPids.set(name, pid);
    this.#change((state) => ({
      ...state,
      regions: state.regions.map((region) => (region.id === place ? { ...region, pids: { ...region.pids, [name]: pid } } : region)),
      hub: { pids: [...this.#hubPids.values()] },
    }));
  }

  #change(change: (state: RunState) => RunState): void {
    this.#state = change(this.#state);
    writeRunFile(this.#paths.run, this.#state);
  }
}

const nodeNames = (hubNodes: number): string[] => Array.from({ length: hubNodes }, (_, index) => `node-${index + 1}`);
