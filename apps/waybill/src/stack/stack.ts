import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { type Deployment, findNatsServer, HUB, type SearchProgress, waitForJetStream } from '@waybill/nats-server';
import { provisionAll } from '../deployment/provision-all.ts';
import { adminKeyOf } from './admin-key.ts';
import { CANARY_NAME, CANARY_PLACE, canaryProcess, canaryUrl } from './canary-process.ts';
import { retainDaily } from './daily-retention.ts';
import { joinRegion } from './join-region.ts';
import { dataPaths, MOST_REGIONS, receiverPort, SERVICES, type ServiceName } from './layout.ts';
import { localDeployment, localInstallation } from './local-deployment.ts';
import { lockFolder } from './lock.ts';
import { keepStreams, type LinkPorts, type ServerFile, serverFiles, writeServerFile } from './nats-servers.ts';
import { type Outside, startOutside } from './outside.ts';
import { belongsTo, endProcesses, isAlive } from './processes.ts';
import { pidsOf, readRunFile, type RunState, writeRunFile } from './run-file.ts';
import { describedRegion, httpUrl, withOperator } from './running-region.ts';
import { type ServiceContext, serviceProcess } from './service-process.ts';
import { type Supervised, Supervisor } from './supervisor.ts';
import { topologyOptions } from './topology-options.ts';
import { waitReady } from './wait-ready.ts';
import { refusePortsInUse, regionBlock, stackPorts } from './wanted-ports.ts';

export interface StackOptions {
  readonly dataDir: string;
  readonly regions: readonly string[];
  /** Servers of the hub; 0 with one region. */
  readonly hubNodes: number;
  readonly basePort: number;
  readonly linkPorts?: LinkPorts | undefined;
  /** Whether a canary watches the regions. */
  readonly canary: boolean;
  /** Told in one line each: what is being done, what died, what was delivered. */
  readonly tell: (line: string) => void;
  /** What the user set; handed on to the services. */
  readonly env: NodeJS.ProcessEnv;
  /** Aborts a start that is still going on. */
  readonly signal: AbortSignal;
}

/** nats-server's heap may grow by 50 % of what lives between two collections (Go's default is 100 %), unless the user says otherwise. */
const NATS_ENV = { GOGC: '50' };
const READY_BUDGET_MS = 90_000;
const STOP_BUDGET_MS = 25_000;

/** The whole product on one machine: each region's nats-server and four services as processes of their own, the hub between, a local receiver. */
export class Stack {
  readonly #options: StackOptions;
  readonly #paths: ReturnType<typeof dataPaths>;
  readonly #supervisor: Supervisor;
  readonly #undo: (() => void | Promise<void>)[] = [];
  readonly #hubPids = new Map<string, number>();
  #state: RunState;
  #outside: Outside | undefined;
  #natsBinary = '';
  #joining: Promise<void> = Promise.resolve();

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
      regions: options.regions.map((id, index) => describedRegion(options.basePort, id, index)),
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
      await refusePortsInUse(stackPorts(this.#options));
      const deployment = localDeployment(this.#options);
      this.#state = {
        ...this.#state,
        adminKey: adminKeyOf(this.#paths.adminKey, this.#options.env),
        regions: this.#state.regions.map((region) => withOperator(region, deployment)),
      };
      await this.#startNats(deployment);
      await this.#startOutside();
      await this.#startServices(deployment);
      if (this.#options.canary) this.#supervisor.supervise(canaryProcess(this.#options));
      this.#change((state) => ({ ...state, ready: true }));
      this.#undo.push(retainDaily(this.#options));
      return this.#state;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Drains: the doors first, then the pipelines in the direction of their flow, NATS last. Resolves when no process is left. */
  async stop(): Promise<void> {
    await this.#joining.catch(() => undefined);
    const { hubNodes } = this.#options;
    const regions = this.#ids();
    await this.#supervisor.stop([CANARY_PLACE], [CANARY_NAME], STOP_BUDGET_MS);
    for (const name of [...SERVICES, 'nats']) await this.#supervisor.stop(regions, [name], STOP_BUDGET_MS);
    await this.#supervisor.stop([HUB], nodeNames(hubNodes), STOP_BUDGET_MS);
    await this.#outside?.close();
    for (const undo of this.#undo.splice(0).toReversed()) await undo();
    if (!this.#state.ready) return;
    this.#change((state) => ({
      ...state,
      ready: false,
      regions: state.regions.map((region) => ({ ...region, pids: {} })),
      hub: { pids: [] },
      canary: undefined,
    }));
  }

  /**
   * Brings a region into the running stack; the others go on. Joins wait for each other. May be called again for a region whose join failed. Throws with
   * the reason, and what was started until then goes on running.
   */
  join(region: string, tell: (line: string) => void): Promise<void> {
    const joined = this.#joining.catch(() => undefined).then(() => this.#join(region, tell));
    this.#joining = joined;
    return joined;
  }

  async #join(region: string, tell: (line: string) => void): Promise<void> {
    const { dataDir, basePort, hubNodes, linkPorts, env, signal } = this.#options;
    if (hubNodes === 0) throw new Error('a stack of one region has no hub; stop it, and start it with --regions');
    const ids = [...new Set([...this.#ids(), region])];
    if (ids.length > MOST_REGIONS) throw new Error(`one machine runs at most ${MOST_REGIONS} regions`);
    if (!this.#ids().includes(region)) await refusePortsInUse(regionBlock(basePort, region, ids.length - 1));
    const held = [HUB, ...ids].filter((place) => existsSync(this.#paths.held(place)));
    if (held.length > 0) throw new Error(`${held.join(', ')} is kept down and cannot be told; revive it first`);
    const deployment = localDeployment({ dataDir, basePort, hubNodes, regions: ids });
    const installation = localInstallation(deployment);
    if (!this.#ids().includes(region))
      this.#change((state) => ({
        ...state,
        regions: [...state.regions, withOperator(describedRegion(basePort, region, ids.length - 1), deployment)],
      }));
    await joinRegion({
      region,
      installation,
      files: serverFiles(deployment, dataDir, linkPorts),
      supervisor: this.#supervisor,
      topology: topologyOptions(env),
      natsProcess: (file) => this.#natsProcess(file),
      serviceProcess: (place, name) => serviceProcess(this.#context(deployment), place, name),
      ready: (place, name) => this.#serviceReady(place, name),
      tell,
      signal,
    });
  }

  #ids(): string[] {
    return this.#state.regions.map(({ id }) => id);
  }

  /** What a supervisor that was killed left behind is ended first: two sets of services on one log would deliver twice. */
  async #clearRemains(): Promise<void> {
    for (const place of [HUB, CANARY_PLACE, ...this.#options.regions]) rmSync(this.#paths.held(place), { force: true });
    const before = readRunFile(this.#paths.run);
    const pids = before === undefined ? [] : pidsOf(before);
    const left = pids.filter((pid) => isAlive(pid) && belongsTo(pid, this.#options.dataDir));
    if (left.length === 0) return;
    this.#options.tell(`ending ${left.length} processes that an earlier run left behind`);
    await endProcesses(left, STOP_BUDGET_MS);
  }

  async #startNats(deployment: Deployment): Promise<void> {
    const { tell, signal, dataDir, linkPorts, env } = this.#options;
    const found = await findNatsServer({
      signal,
      onProgress: (progress: SearchProgress) => tell(`nats-server, ${progress.way}: ${progress.text}`),
    });
    tell(`nats-server ${found.version} (${found.way})`);
    this.#natsBinary = found.binary;
    for (const file of serverFiles(deployment, dataDir, linkPorts)) {
      writeServerFile(file);
      keepStreams(file);
      this.#supervisor.supervise(this.#natsProcess(file));
    }
    // A hub of several greets before it has a leader, and a stream cannot be made before.
    await Promise.all(deployment.hub.map(({ monitorPort = 0 }) => waitForJetStream({ monitorUrl: httpUrl(monitorPort) }, READY_BUDGET_MS)));
    await provisionAll(localInstallation(deployment), { topology: topologyOptions(env), signal }, tell);
  }

  #natsProcess({ place, name, file }: ServerFile): Supervised {
    return { place, name, command: this.#natsBinary, args: ['-c', file], env: { ...NATS_ENV, ...this.#options.env } };
  }

  async #startOutside(): Promise<void> {
    const webhookUrl = `${this.#state.regions[0]?.url ?? ''}/webhooks/github`;
    const outside = await startOutside({ ...this.#options, webhookUrl });
    this.#outside = outside;
    this.#change((state) => ({ ...state, githubUrl: outside.githubUrl, tracesUrl: outside.tracesUrl }));
  }

  async #startServices(deployment: Deployment): Promise<void> {
    const context = this.#context(deployment);
    const all = this.#ids().flatMap((region) => SERVICES.map((name) => ({ region, name })));
    for (const { region, name } of all) this.#supervisor.supervise(serviceProcess(context, region, name));
    await Promise.all(all.map(({ region, name }) => this.#serviceReady(region, name)));
  }

  #context(deployment: Deployment): ServiceContext {
    const { dataDir, basePort, env } = this.#options;
    const { adminKey, receiverUrl } = this.#state;
    const { github, traces } = this.#outside ?? {};
    return { dataDir, basePort, adminKey, receiverUrl, deployment, github, traces, env };
  }

  async #serviceReady(region: string, name: ServiceName): Promise<void> {
    const address = this.#state.regions.find(({ id }) => id === region)?.services[name] ?? '';
    await waitReady(address, READY_BUDGET_MS, this.#options.signal).catch((error: unknown) => {
      throw new Error(`${name} of ${region} did not start; its log is ${this.#supervisor.logFile(region, name)}`, { cause: error });
    });
  }

  #started(place: string, name: string, pid: number): void {
    if (place === HUB) this.#hubPids.set(name, pid);
    if (place === CANARY_PLACE && name === CANARY_NAME)
      return this.#change((state) => ({ ...state, canary: { url: canaryUrl(this.#options), pid } }));
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
