import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startThrowawayNats, type ThrowawayNats } from '@waybill/nats-server';
import { connectBus, provision, Publisher, regionTopology } from '@waybill/transport';
import { commitOf, machine } from '../measure/machine.ts';
import { usageOf } from '../measure/process-usage.ts';
import { Progress } from '../progress.ts';
import { saveResult } from '../result-file.ts';
import { REPOSITORY } from '../stack/local-stack.ts';
import { freePortBlock } from '../stack/ports.ts';
import { factsOf } from './made-log.ts';
import { HELP, parseRebuildOptions, type RebuildOptions } from './options.ts';
import { ProjectorProcess } from './projector-process.ts';

const REGION = 'local';
/** Publishes that wait for their ack at once. */
const WINDOW = 2_000;

/** Writes the log; returns how many facts it holds, and in which version of the server. */
async function writeLog(nats: ThrowawayNats, events: number, say: (line: string) => void) {
  const bus = await connectBus({ servers: nats.url, name: 'bench' });
  await provision(bus, regionTopology(REGION));
  const publisher = new Publisher(bus, { timeoutMs: 30_000 });
  let facts = 0;
  for (let n = 0; n < events;) {
    const waiting: Promise<unknown>[] = [];
    for (; n < events && waiting.length < WINDOW; n += 1) for (const fact of factsOf(n, REGION)) waiting.push(publisher.publish(fact));
    await Promise.all(waiting);
    facts += waiting.length;
    say(`${facts} facts written`);
  }
  publisher.close();
  const natsServer = bus.nc.info?.version ?? 'unknown';
  await bus.close();
  return { facts, natsServer };
}

interface Run {
  readonly seconds: number;
  readonly factsPerSecond: number;
  readonly cpuMsPerThousandFacts: number;
  readonly load: number;
}

/** One rebuild and what it took. */
async function rebuildOnce(projector: ProjectorProcess, say: (line: string) => void): Promise<Run> {
  const before = usageOf(projector.pid)?.cpuMs ?? 0;
  const [load = 0] = loadavg();
  const { startedAt, endedAt, facts } = await projector.build('rebuild', ({ build }) => {
    if (build !== null) say(`${build.phase}: ${build.facts.read} of ${build.facts.total}, ${build.factsPerSecond ?? '-'} a second`);
  });
  const seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1_000;
  const cpuMs = (usageOf(projector.pid)?.cpuMs ?? 0) - before;
  return { seconds, factsPerSecond: Math.round((facts ?? 0) / seconds), cpuMsPerThousandFacts: (cpuMs * 1_000) / (facts ?? 1), load };
}

async function measure(options: RebuildOptions, folder: string, nats: ThrowawayNats) {
  const database: Record<string, string> = options.database === undefined ? {} : { DATABASE_URL: options.database };
  const env = { REGION, NATS_URL: nats.url, DATA_DIR: folder, ...database };
  let line = '';
  const progress = new Progress(() => line);
  const say = (text: string): void => void (line = text);
  const { facts, natsServer } = await writeLog(nats, options.events, say);
  const startedMs = performance.now();
  const projector = new ProjectorProcess(env, await freePortBlock(1), options.cpuProfiles);
  let rssBytes = 0;
  const watching = setInterval(() => (rssBytes = Math.max(rssBytes, usageOf(projector.pid)?.rssBytes ?? 0)), 200);
  try {
    await projector.caughtUp();
    const firstSeconds = (performance.now() - startedMs) / 1_000;
    const firstCpuMs = usageOf(projector.pid)?.cpuMs ?? 0;
    const runs: Run[] = [];
    for (let run = 0; run < options.runs; run += 1) runs.push(await rebuildOnce(projector, say));
    const verified = await projector.build('verify', () => say('verifying'));
    const firstCost = (firstCpuMs * 1_000) / facts;
    const first = { seconds: firstSeconds, factsPerSecond: Math.round(facts / firstSeconds), cpuMsPerThousandFacts: firstCost };
    const peakRssMiB = Math.round(rssBytes / 2 ** 20);
    return { machine: machine(natsServer), events: options.events, facts, first, runs, peakRssMiB, comparison: verified.comparison };
  } finally {
    clearInterval(watching);
    progress.close();
    await projector.stop();
  }
}

async function bench(options: RebuildOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-rebuild-'));
  const nats = await startThrowawayNats();
  try {
    const measured = await measure(options, folder, nats);
    const best = measured.runs.reduce((left, right) => (right.factsPerSecond > left.factsPerSecond ? right : left));
    const engine = options.database === undefined ? 'sqlite' : 'postgres';
    const date = new Date().toISOString();
    const file = saveResult('rebuild', { date, commit: commitOf(REPOSITORY), engine, ...measured, best }, options.out);
    console.log(
      `${measured.facts} facts rebuilt in ${best.seconds.toFixed(1)} s: ${best.factsPerSecond} a second, ${measured.peakRssMiB} MiB at most`,
    );
    console.log(`first reading: ${measured.first.factsPerSecond} a second; result in ${file}`);
    if (measured.comparison?.differences.length !== 0) process.exitCode = 1;
  } finally {
    await nats.cleanup();
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  const options = parseRebuildOptions(process.argv.slice(2));
  if (options === undefined) console.log(HELP);
  else await bench(options);
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
