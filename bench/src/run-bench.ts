import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLoadProcess, type LoadProcess } from './load/load-process.ts';
import type { LoadDone, LoadSettings } from './load/messages.ts';
import { untilInterrupted } from './interruption.ts';
import { monotonicMs, pause } from './measure/clock.ts';
import { readRecords } from './measure/record-log.ts';
import { type Sample, Sampler } from './measure/sampler.ts';
import { type BenchOptions, REGION_IDS } from './options.ts';
import { Progress } from './progress.ts';
import { startReceiverProcess, type ReceiverProcess } from './receiver/receiver-process.ts';
import { adminApi } from './stack/admin-api.ts';
import { type LocalStack, startStack } from './stack/local-stack.ts';
import { type Backlog, describeBacklog, isDelivered, isIdle, Pipeline } from './stack/pipeline.ts';
import { setUpWiring, type Wiring } from './stack/wiring.ts';
import { compare, type Comparison } from './verify/compare.ts';

/** Everything a run measured, before it is made into figures. */
export interface Measured {
  readonly load: LoadDone;
  readonly comparison: Comparison;
  readonly samples: readonly Sample[];
  readonly names: readonly string[];
  readonly restarted: readonly string[];
  readonly projectorLag: number;
  readonly deliveredAtMs: number;
  readonly projectedAtMs: number;
  readonly natsVersion: string;
}

/** A stack with what loads it and what it delivers to. */
export interface Rig {
  readonly options: BenchOptions;
  readonly stack: LocalStack;
  readonly receiver: ReceiverProcess;
  readonly load: LoadProcess;
  readonly pipeline: Pipeline;
  readonly wiring: Wiring;
  readonly scratch: string;
}

const TENANT = 'bench';
const WARM_UP = 'warm-up';
const POLL_MS = 100;
/** Retries come soon, so that a run with failures does not last as long as the real schedule. */
const RETRY_BASE_DELAY_MS = '1000';

/** Starts everything, loads, waits, compares, stops everything. Nothing is left running, whatever fails. */
export async function runBench(options: BenchOptions): Promise<Measured> {
  const undo: (() => Promise<void> | void)[] = [];
  try {
    return await untilInterrupted(openRig(options, undo).then(measure));
  } finally {
    for (const step of undo.toReversed()) await step();
  }
}

/** Starts a stack and what belongs to it. `undo` gets what stops it, to be run from its end. */
export async function openRig(options: BenchOptions, undo: (() => Promise<void> | void)[]): Promise<Rig> {
  const scratch = mkdtempSync(join(tmpdir(), 'waybill-bench-records-'));
  undo.push(() => rmSync(scratch, { recursive: true, force: true }));
  const profiling = options.cpuProfiles === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${options.cpuProfiles}` };
  const regions = REGION_IDS.slice(0, options.regions);
  const env = { RETRY_BASE_DELAY_MS, LOG_LEVEL: 'warn', ...profiling, ...options.env };
  const stack = await startStack({ dataDir: options.dataDir, regions, env });
  undo.push(() => stack.stop());
  const receiver = await startReceiverProcess(options.failingPercent);
  undo.push(() => receiver.close());
  const load = await startLoadProcess();
  undo.push(() => load.close());
  const pipeline = await Pipeline.connect(stack.region());
  undo.push(() => pipeline.close());
  // The tenant is new in each run: with --data, what an earlier run set up points at a receiver that is gone.
  const tenant = `${TENANT}-${Date.now().toString(36)}`;
  const { endpoints, fanOut } = options;
  const home = options.handOver ? REGION_IDS[1] : undefined;
  const wiring = await setUpWiring(adminApi(stack.region()), { tenant, endpoints, fanOut, receiverUrl: receiver.url, home });
  return { options, stack, receiver, load, pipeline, wiring, scratch };
}

async function measure(rig: Rig): Promise<Measured> {
  const { load, pipeline, receiver, stack } = rig;
  await warmUp(rig);
  const before = stack.region();
  const pids = { ...before.pids, ...othersOf(stack), load: load.pid, receiver: receiver.pid };
  const sampler = new Sampler(pids, () => load.counts().accepted);
  const progress = new Progress(() => describeLoad(rig));
  try {
    sampler.take();
    const done = await load.run(loadSettings(rig, 'accepted'));
    const { projector: projectorLag } = await pipeline.backlog();
    const deliveredAtMs = await waitFor(
      rig,
      progress,
      (backlog) => isDelivered(backlog) && isComplete(rig, rig.options.warmUpEvents + done.counts.accepted),
    );
    const projectedAtMs = await waitFor(rig, progress, isIdle);
    sampler.take();
    progress.say('comparing what was accepted with what arrived');
    const comparison = await compareAll(rig, [WARM_UP, 'accepted'], done.startMs);
    const restarted = Object.keys(before.pids).filter((name) => stack.region().pids[name] !== before.pids[name]);
    const shared = { projectorLag, deliveredAtMs, projectedAtMs, restarted, natsVersion: pipeline.natsVersion };
    return { load: done, comparison, samples: sampler.close(), names: Object.keys(pids), ...shared };
  } finally {
    sampler.close();
    progress.close();
  }
}

/** Processes of further regions and of the hub, by names that tell them from those of the first region. */
function othersOf(stack: LocalStack): Record<string, number> {
  const { regions, hubPids } = stack.state();
  const further = regions.slice(1).flatMap(({ id, pids }) => Object.entries(pids).map(([name, pid]) => [`${id} ${name}`, pid] as const));
  return Object.fromEntries([...further, ...hubPids.map((pid, index) => [`hub ${index + 1}`, pid] as const)]);
}

/** Sends the first events: code that never ran is not what is measured. */
async function warmUp(rig: Rig): Promise<void> {
  const { warmUpEvents } = rig.options;
  if (warmUpEvents > 0) await sendThrough(rig, WARM_UP, warmUpEvents, warmUpEvents);
}

/** Sends events by a load generator of their own, and waits until they are through; `total`: all that were sent by then. Throws when one was refused. */
export async function sendThrough(rig: Rig, phase: string, events: number, total: number): Promise<void> {
  const progress = new Progress(() => phase);
  try {
    const load = await startLoadProcess();
    const { counts } = await load.run({ ...loadSettings(rig, phase), events });
    if (counts.accepted < events) throw new Error(`${events - counts.accepted} events of "${phase}" were not accepted`);
    await waitFor(rig, progress, (backlog) => isIdle(backlog) && isComplete(rig, total));
  } finally {
    progress.close();
  }
}

/** Compares what was accepted in the phases so far with what arrived. */
export async function compareAll({ receiver, scratch, wiring }: Rig, phases: readonly string[], countedFromMs = 0): Promise<Comparison> {
  const file = (name: string): string => join(scratch, name);
  await receiver.save(file('arrivals'));
  const accepted = phases.map(file).filter((name) => existsSync(name));
  const arrivals = readRecords(file('arrivals'));
  return compare(
    accepted.flatMap((name) => [...readRecords(name)]),
    arrivals,
    { ...wiring, countedFromMs },
  );
}

function loadSettings({ options, scratch, stack, wiring }: Rig, phase: string): LoadSettings {
  const { tenant, source, secret, endpoints } = wiring;
  const { url, adminKey } = stack.region();
  const { rate, events, connections, payloadBytes, via } = options;
  const who = { url, adminKey, tenant, source, secret };
  return {
    ...who,
    rate,
    events,
    connections,
    payloadBytes,
    via,
    eventTypes: endpoints,
    run: `${tenant}-${phase}`,
    file: join(scratch, phase),
  };
}

function describeLoad({ load, options, receiver }: Rig): string {
  const { sent, accepted, refused, waiting } = load.counts();
  const { succeeded, failedOnPurpose } = receiver.counts();
  return `sent ${sent} of ${options.events}, accepted ${accepted}, refused ${refused}, unanswered ${waiting}; delivered ${succeeded}, refused on purpose ${failedOnPurpose}`;
}

/** The receiver's count comes before the settlement of the message, so both have to agree that nothing is left. */
const isComplete = ({ receiver, wiring }: Rig, events: number): boolean => receiver.counts().succeeded >= events * wiring.fanOut;

/** Waits until the backlog is as wanted, or nothing can be hoped for any more; returns when that was. Says every two seconds what is left. */
async function waitFor({ options, pipeline }: Rig, progress: Progress, isWanted: (backlog: Backlog) => boolean): Promise<number> {
  const deadline = monotonicMs() + options.waitSeconds * 1_000;
  for (let lastSaid = monotonicMs(); ;) {
    const backlog = await pipeline.backlog();
    if (isWanted(backlog) || monotonicMs() > deadline) return monotonicMs();
    if (monotonicMs() - lastSaid > 2_000) {
      lastSaid = monotonicMs();
      progress.say(`waiting: ${describeBacklog(backlog)}`);
    }
    await pause(POLL_MS);
  }
}
