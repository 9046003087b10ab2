import { mkdirSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNatsServer, renderServerConfig, type SearchProgress } from '@waybill/nats-server';
import { connectBus, provision, regionTopology } from '@waybill/transport';
import { adminKeyOf } from './admin-key.ts';
import { portsInUse } from './free-ports.ts';
import { dataPaths, receiverPort, regionPorts, SERVICES, type ServiceName } from './layout.ts';
import { startLocalReceiver } from './local-receiver.ts';
import { lockFolder } from './lock.ts';
import { belongsTo, endProcesses, isAlive } from './processes.ts';
import { readRunFile, type RunState, writeRunFile } from './run-file.ts';
import { serviceEnv } from './service-env.ts';
import { topologyOptions } from './topology-options.ts';
import { SupervisedProcess } from './supervised-process.ts';
import { waitReady } from './wait-ready.ts';

export interface StackOptions {
  readonly dataDir: string;
  readonly region: string;
  readonly basePort: number;
  /** Told in one line each: what is being done, what died, what was delivered. */
  readonly tell: (line: string) => void;
  /** What the user set; handed on to the services. */
  readonly env: NodeJS.ProcessEnv;
  /** Aborts a start that is still going on. */
  readonly signal: AbortSignal;
}

const httpUrl = (port: number): string => `http://127.0.0.1:${port}`;
/**
 * Six processes share one machine here. Each service collects its garbage in its own thread instead of in helpers that compete for the cores, and
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
const READY_BUDGET_MS = 60_000;
const STOP_BUDGET_MS = 25_000;
const services = fileURLToPath(new URL('../../../../services', import.meta.url));

/** The whole product on one machine: one region's nats-server, the four services as processes of their own, and a local receiver. */
export class Stack {
  readonly #options: StackOptions;
  readonly #paths: ReturnType<typeof dataPaths>;
  readonly #processes = new Map<string, SupervisedProcess>();
  readonly #undo: (() => void | Promise<void>)[] = [];
  #state: RunState;
  #receiver: Server | undefined;

  constructor(options: StackOptions) {
    this.#options = options;
    this.#paths = dataPaths(options.dataDir);
    const ports = regionPorts(options.basePort);
    this.#state = {
      pid: process.pid,
      adminKey: '',
      ready: false,
      regions: [
        {
          id: options.region,
          url: httpUrl(ports.ingress),
          natsUrl: `nats://127.0.0.1:${ports.nats}`,
          pids: {},
          services: Object.fromEntries(SERVICES.map((name) => [name, httpUrl(ports[name])])),
        },
      ],
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
      this.#state = { ...this.#state, adminKey: adminKeyOf(this.#paths.adminKey, this.#options.env) };
      await this.#startNats();
      await this.#startReceiver();
      await this.#startServices();
      this.#change((state) => ({ ...state, ready: true }));
      return this.#state;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Drains: the door first, then the pipeline in the direction of its flow, NATS last. Resolves when no process is left. */
  async stop(): Promise<void> {
    for (const name of [...SERVICES, 'nats']) await this.#processes.get(name)?.stop(STOP_BUDGET_MS);
    this.#receiver?.closeAllConnections();
    this.#receiver?.close();
    for (const undo of this.#undo.splice(0).toReversed()) await undo();
    if (this.#state.ready)
      this.#change((state) => ({ ...state, ready: false, regions: state.regions.map((region) => ({ ...region, pids: {} })) }));
  }

  /** What a supervisor that was killed left behind is ended first: two sets of services on one log would deliver twice. */
  async #clearRemains(): Promise<void> {
    const before = readRunFile(this.#paths.run);
    const pids = (before?.regions ?? []).flatMap((region) => Object.values(region.pids));
    const left = pids.filter((pid) => isAlive(pid) && belongsTo(pid, this.#options.dataDir));
    if (left.length === 0) return;
    this.#options.tell(`ending ${left.length} processes that an earlier run left behind`);
    await endProcesses(left, STOP_BUDGET_MS);
  }

  async #refusePortsInUse(): Promise<void> {
    const taken = await portsInUse({ ...regionPorts(this.#options.basePort), receiver: receiverPort(this.#options.basePort) });
    if (taken.length > 0) throw new Error(`ports in use: ${taken.join(', ')}. Choose others with --port N.`);
  }

  async #startNats(): Promise<void> {
    const { tell, region, basePort, signal } = this.#options;
    const found = await findNatsServer({
      signal,
      onProgress: (progress: SearchProgress) => tell(`nats-server, ${progress.way}: ${progress.text}`),
    });
    tell(`nats-server ${found.version} (${found.way})`);
    this.#supervise('nats', found.binary, ['-c', this.#natsConfig(region, basePort)], { ...NATS_ENV, ...this.#options.env });
    const bus = await connectBus({ servers: this.#natsUrl, name: 'waybill-up', onWaiting: tell });
    try {
      await provision(bus, regionTopology(region, topologyOptions(this.#options.env)));
    } finally {
      await bus.close();
    }
  }

  #natsConfig(region: string, basePort: number): string {
    const folder = join(this.#paths.region(region), 'nats');
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'nats-server.conf');
    const { nats: port } = regionPorts(basePort);
    writeFileSync(file, renderServerConfig({ serverName: `${region}-1`, domain: region, port, storeDir: folder }), { mode: 0o600 });
    return file;
  }

  async #startReceiver(): Promise<void> {
    this.#receiver = await startLocalReceiver(receiverPort(this.#options.basePort), () => undefined);
  }

  async #startServices(): Promise<void> {
    const { dataDir, region, basePort, signal } = this.#options;
    const identity = { dataDir, region, ports: regionPorts(basePort), adminKey: this.#state.adminKey };
    for (const name of SERVICES) {
      const env = serviceEnv(identity, name, this.#options.env);
      mkdirSync(String(env['DATA_DIR']), { recursive: true });
      this.#supervise(name, process.execPath, [...NODE_FLAGS, join(services, name, 'dist/main.js')], env);
    }
    await Promise.all(SERVICES.map((name) => this.#serviceReady(name, signal)));
  }

  async #serviceReady(name: ServiceName, signal: AbortSignal): Promise<void> {
    const url = this.#state.regions[0]?.services[name] ?? '';
    await waitReady(url, READY_BUDGET_MS, signal).catch((error: unknown) => {
      throw new Error(`${name} did not start; its log is ${this.#logFile(name)}`, { cause: error });
    });
  }

  get #natsUrl(): string {
    return this.#state.regions[0]?.natsUrl ?? '';
  }

  #logFile(name: string): string {
    return join(this.#paths.logs, `${this.#options.region}-${name}.log`);
  }

  #supervise(name: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
    const supervised = new SupervisedProcess(
      { name, command, args, env, logFile: this.#logFile(name) },
      {
        started: (_name, pid) => this.#change((state) => withPid(state, name, pid)),
        died: (_name, how, restartInMs) => this.#options.tell(`${name} ended (${how}); starting it again in ${restartInMs} ms`),
      },
    );
    this.#processes.set(name, supervised);
    supervised.start();
  }

  #change(change: (state: RunState) => RunState): void {
    this.#state = change(this.#state);
    writeRunFile(this.#paths.run, this.#state);
  }
}

function withPid(state: RunState, name: string, pid: number): RunState {
  return { ...state, regions: state.regions.map((region) => ({ ...region, pids: { ...region.pids, [name]: pid } })) };
}
