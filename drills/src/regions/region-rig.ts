import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  adminApi,
  compare,
  eventRequests,
  freePortBlock,
  type LocalStack,
  Pipeline,
  readRecords,
  type ReceiverProcess,
  type RunningRegion,
  setUpWiring,
  startReceiverProcess,
  startStack,
  type Wiring,
} from '@waybill/bench';
import { streamNames } from '@waybill/contracts';
import { PersistentSender } from '../persistent-sender.ts';
import { type Balancer, startBalancer } from './haproxy.ts';
import { LinkProxy, type LinkMode } from './link-proxy.ts';
import { type Undo, withDataDir } from '../with-data-dir.ts';

export interface RegionRigOptions {
  readonly ratePerSecond: number;
  /** Percentage of the deliveries that are refused once with 503, so that retries are pending whenever something happens. Default 0. */
  readonly failingPercent?: number;
  readonly dataDir?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** Puts wires between regions and hub that can be cut. */
  readonly withLinks?: boolean;
  /** Whether a canary watches the regions. */
  readonly canary?: boolean;
  /** Sends to this region's own door instead of the balancer. */
  readonly sendTo?: 'balancer' | 'first' | 'second';
}

/** Two regions with a hub of three under load through a balancer. */
export interface RegionRig {
  readonly stack: LocalStack;
  readonly first: string;
  readonly second: string;
  readonly receiver: ReceiverProcess;
  readonly balancer: Balancer;
  readonly wiring: Wiring;
  readonly sender: PersistentSender;
  readonly scratch: string;
  readonly ratePerSecond: number;
  /** As run.json says now. */
  region(id: string): RunningRegion;
  /** kill -9 of every process of a region, which then stays down. */
  killRegion(id: string): void;
  /** Lets a killed region start again. */
  reviveRegion(id: string): void;
  /** kill -9 of one node of the hub (counted from 0), or of all; they stay down. */
  killHub(node?: number): void;
  reviveHub(): void;
  /** Stops and starts everything with another environment on the same data and ports. */
  restart(env: Readonly<Record<string, string>>): Promise<void>;
  /** Deliveries that arrived again after a 2xx, until now. */
  repeatsSoFar(): Promise<number>;
  /** Events in a region's LOG. */
  acceptedIn(id: string): Promise<number>;
  /** Attempts in each region's LOG. */
  deliveredBy(): Promise<Record<string, number>>;
  /** Changes all wires of a region. */
  link(id: string, mode: LinkMode, delayMs?: number): void;
  /** Runs a CLI command on the stack. */
  command(args: readonly string[]): Promise<void>;
  /** A fresh look at a region's streams; the caller closes it. */
  connect(id: string): Promise<Pipeline>;
}

const REGIONS = ['us-central1', 'europe-west1'] as const;
const HUB_NODES = 3;
const LEAF_OFFSET = 6;
const BLOCK = 10;
const ENDPOINTS = 2;
const FAN_OUT = 2;
const PAYLOAD_BYTES = 256;
/** Quick steps: a drill is not a working day. */
const ENV = { RETRY_BASE_DELAY_MS: '1000', LOG_LEVEL: 'info', FAILOVER_ENABLED: 'true', RECOVERY_STEP_SECONDS: '2' };

/** Starts a rig, runs `drill` on it and takes everything down again. */
export function withRegions<Result extends { readonly findings: readonly string[] }>(
  options: RegionRigOptions,
  drill: (rig: RegionRig) => Promise<Result>,
): Promise<Result> {
  return withDataDir(options.dataDir, (dataDir, undo) => assemble(options, dataDir, undo), drill);
}

async function assemble(options: RegionRigOptions, dataDir: string, undo: Undo): Promise<RegionRig> {
  const scratch = mkdtempSync(join(tmpdir(), 'waybill-drill-records-'));
  undo.push(() => rmSync(scratch, { recursive: true, force: true }));
  const wires = options.withLinks === true ? await planWires() : undefined;
  const linkEnv = wires === undefined ? {} : { WAYBILL_LINK_PORTS: JSON.stringify(wires.ports) };
  const env = { ...ENV, ...options.env, ...linkEnv };
  const { canary } = options;
  const stack = await startStack({ dataDir, env, regions: REGIONS, canary, beforeStart: async (port) => wires?.pull(port, undo) });
  undo.push(() => stack.stop());
  const receiver = await startReceiverProcess(options.failingPercent ?? 0);
  undo.push(() => receiver.close());
  const [first, second] = REGIONS;
  const region = (id: string): RunningRegion => regionOf(stack, id);
  const balancer = await startBalancer(await freePortBlock(1), [region(first).url, region(second).url]);
  undo.push(() => balancer.close());
  const { wiring, request, tenant } = await wireUp(region(first), receiver);
  await untilKnown(region(second), tenant);
  const doors = { balancer: balancer.url, first: region(first).url, second: region(second).url };
  const { ratePerSecond } = options;
  const sender = new PersistentSender({ url: doors[options.sendTo ?? 'balancer'], ratePerSecond, eventTypes: ENDPOINTS, request });
  const parts = { stack, receiver, balancer, wiring, sender, scratch, ratePerSecond };
  return {
    ...parts,
    first,
    second,
    region,
    ...faults(parts, dataDir, wires),
    ...looks(parts),
    restart: (more) => stack.restart({ ...env, ...more }),
  };
}

type Parts = Pick<RegionRig, 'stack' | 'receiver' | 'wiring' | 'sender' | 'scratch'>;

/** What can be done to the regions. */
function faults({ stack }: Parts, dataDir: string, wires: Wires | undefined) {
  return {
    killRegion: (id: string) => killRegion(regionOf(stack, id), dataDir),
    reviveRegion: (id: string) => unlinkSync(join(dataDir, `${id}.held`)),
    killHub: (node?: number) => killHub(stack, dataDir, node),
    reviveHub: () => rmSync(join(dataDir, 'hub.held'), { force: true }),
    link: (id: string, mode: LinkMode, delayMs = 0) => {
      for (const proxy of wires?.of(id) ?? []) {
        proxy.set(mode);
        proxy.slowDown(delayMs);
      }
    },
    command: (args: readonly string[]) => stack.command(args),
  };
}

/** What can be seen of them. */
function looks({ stack, receiver, sender, scratch, wiring }: Parts) {
  return {
    repeatsSoFar: () => repeatsSoFar(receiver, sender, { scratch, wiring }),
    acceptedIn: (id: string) => factsIn(regionOf(stack, id), 'event.accepted'),
    deliveredBy: async () => {
      const counts = REGIONS.map(async (id) => [id, await factsIn(regionOf(stack, id), 'delivery.attempted')] as const);
      return Object.fromEntries(await Promise.all(counts));
    },
    connect: (id: string) => Pipeline.connect(regionOf(stack, id)),
  };
}

/** The wires between the regions and the nodes of the hub. */
interface Wires {
  readonly ports: Readonly<Record<string, readonly number[]>>;
  /** Puts them up, once it is known where the hub will be. */
  pull(basePort: number, undo: Undo): Promise<void>;
  of(region: string): readonly LinkProxy[];
}

async function planWires(): Promise<Wires> {
  const first = await freePortBlock(HUB_NODES * REGIONS.length);
  const portsOf = (index: number): number[] => Array.from({ length: HUB_NODES }, (_, node) => first + index * HUB_NODES + node);
  const ports = new Map(REGIONS.map((region, index): [string, number[]] => [region, portsOf(index)]));
  const proxies = new Map<string, readonly LinkProxy[]>();
  return {
    ports: Object.fromEntries(ports),
    of: (region) => proxies.get(region) ?? [],
    pull: async (basePort, undo) => {
      for (const [region, own] of ports) {
        const made = await Promise.all(own.map((port, node) => LinkProxy.start(port, basePort + node * BLOCK + LEAF_OFFSET)));
        proxies.set(region, made);
        undo.push(() => {
          for (const proxy of made) proxy.close();
        });
      }
    },
  };
}

function regionOf(stack: LocalStack, id: string): RunningRegion {
  const found = stack.state().regions.find((region) => region.id === id);
  if (found === undefined) throw new Error(`no region ${id}`);
  return found;
}

async function wireUp(region: RunningRegion, receiver: ReceiverProcess) {
  const tenant = `drill-${Date.now().toString(36)}`;
  const wiring = await setUpWiring(adminApi(region), { tenant, endpoints: ENDPOINTS, fanOut: FAN_OUT, receiverUrl: receiver.url });
  const { adminKey } = region;
  const request = eventRequests({ ...wiring, adminKey, via: 'both', payloadBytes: PAYLOAD_BYTES, eventTypes: ENDPOINTS, run: tenant });
  return { wiring, request, tenant };
}

const KNOWN_BUDGET_MS = 20_000;

/** What was registered in one region is replicated to the other in a moment. */
async function untilKnown(region: RunningRegion, tenant: string): Promise<void> {
  const deadline = performance.now() + KNOWN_BUDGET_MS;
  const call = adminApi(region);
  for (;;) {
    const known = await call('GET', `/v1/sources/${tenant}-source`).then(
      () => true,
      () => false,
    );
    if (known) return;
    if (performance.now() > deadline) throw new Error(`${region.id} does not learn of ${tenant}: the registry is not replicated`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function killHub(stack: LocalStack, dataDir: string, node?: number): void {
  const { hubPids } = stack.state();
  writeFileSync(join(dataDir, 'hub.held'), '');
  for (const [index, pid] of hubPids.entries()) if (node === undefined || node === index) process.kill(pid, 'SIGKILL');
}

async function repeatsSoFar(
  receiver: ReceiverProcess,
  sender: PersistentSender,
  { scratch, wiring }: { scratch: string; wiring: Wiring },
): Promise<number> {
  const file = join(scratch, 'arrivals-so-far');
  await receiver.save(file);
  return compare(sender.accepted, readRecords(file), wiring).repeated;
}

/** How many facts of a type a region's LOG holds. */
async function factsIn(region: RunningRegion, type: 'event.accepted' | 'delivery.attempted'): Promise<number> {
  const pipeline = await Pipeline.connect(region);
  try {
    const { log } = streamNames(region.id);
    const { state } = await pipeline.bus.jsm.streams.info(log, { subjects_filter: `wb.${region.id}.*.${type}` });
    return Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
  } finally {
    await pipeline.close();
  }
}

function killRegion({ id, pids }: RunningRegion, dataDir: string): void {
  writeFileSync(join(dataDir, `${id}.held`), '');
  for (const pid of Object.values(pids)) process.kill(pid, 'SIGKILL');
}
