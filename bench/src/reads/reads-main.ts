import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { startThrowawayNats, type ThrowawayNats } from '@waybill/nats-server';
import { connectBus, provision, regionTopology } from '@waybill/transport';
import { Pool } from 'undici';
import { untilInterrupted } from '../interruption.ts';
import { monotonicMs } from '../measure/clock.ts';
import { commitOf, machine } from '../measure/machine.ts';
import { type Latencies, latenciesOf } from '../measure/percentile.ts';
import { Progress } from '../progress.ts';
import { REPOSITORY } from '../stack/local-stack.ts';
import { freePortBlock } from '../stack/ports.ts';
import { ServiceProcess } from '../stack/service-process.ts';
import { HELP, parseReadsOptions, type ReadsOptions } from './options.ts';
import { type Ask, type Question, questionsOf } from './questions.ts';

const REGION = 'local';
const KEY = 'bench-management-key';
/** What a page may wait for its data, 95 times of 100. */
const TARGET_MS = 100;
/** Questions before anything is measured. */
const WARM_UP = 20;

/** Starts a projector on the made-up store and an ingress in front of it, which go into `running`; returns where the ingress is asked. */
async function serve(folder: string, nats: ThrowawayNats, running: ServiceProcess[]): Promise<string> {
  const port = await freePortBlock(2);
  const env = { REGION, NATS_URL: nats.url, DATA_DIR: folder };
  const projector = new ServiceProcess('projector', { env, port });
  const door = { MANAGEMENT_API_KEY: KEY, PROJECTOR_URL: projector.url };
  const ingress = new ServiceProcess('ingress', { env: { ...env, ...door }, port: port + 1 });
  running.push(projector, ingress);
  await Promise.all([projector.ready(), ingress.ready()]);
  return ingress.url;
}

const askOf =
  (pool: Pool): Ask =>
  async (path) => {
    const { statusCode, body } = await pool.request({ path, method: 'GET', headers: { authorization: `Bearer ${KEY}` } });
    const answer = await body.text();
    if (statusCode !== 200) throw new Error(`${path}: ${statusCode} ${answer}`);
    const parsed: unknown = JSON.parse(answer);
    return parsed;
  };

/** How long a route takes to answer, the reading of the answer included. */
async function timed(ask: Ask, { pathOf }: Question, { questions, atOnce }: ReadsOptions): Promise<Latencies> {
  for (let n = 0; n < WARM_UP; n += 1) await ask(pathOf(n));
  const took = new Float64Array(questions);
  let next = 0;
  const askOn = async (): Promise<void> => {
    while (next < questions) {
      const n = next++;
      const startMs = monotonicMs();
      await ask(pathOf(n));
      took[n] = monotonicMs() - startMs;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, askOn));
  return latenciesOf(took);
}

async function measure(url: string, options: ReadsOptions): Promise<Record<string, Latencies>> {
  const pool = new Pool(url, { connections: options.atOnce });
  const routes: Record<string, Latencies> = {};
  console.log(`${'route (ms)'.padEnd(45)}${['p50', 'p95', 'p99'].map((name) => name.padStart(8)).join('')}`);
  try {
    const ask = askOf(pool);
    for (const question of await questionsOf(ask, Date.now())) {
      const latencies = await timed(ask, question, options);
      routes[question.route] = latencies;
      const figures = [latencies.p50, latencies.p95, latencies.p99].map((ms) => ms.toFixed(1).padStart(8)).join('');
      console.log(`${question.route.padEnd(45)}${figures}`);
    }
    return routes;
  } finally {
    await pool.destroy();
  }
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

async function bench(options: ReadsOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-reads-'));
  const progress = new Progress(() => `a store of ${options.events} events is being made`);
  const running: ServiceProcess[] = [];
  const nats = await startThrowawayNats();
  try {
    const natsServer = await provisioned(nats);
    await untilInterrupted(makeStore(folder, options.events));
    progress.close();
    const url = await untilInterrupted(serve(folder, nats, running));
    const load = loadavg();
    const routes = await untilInterrupted(measure(url, options));
    report({ machine: machine(natsServer), load, loadAfter: loadavg() }, routes, options);
  } finally {
    progress.close();
    await Promise.all(running.map((service) => service.stop()));
    await nats.cleanup();
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(about: object, routes: Record<string, Latencies>, { out, ...settings }: ReadsOptions): void {
  const date = new Date().toISOString();
  const file = save({ date, commit: commitOf(REPOSITORY), ...about, settings, routes }, date, out);
  const slow = Object.entries(routes).filter(([, { p95 }]) => p95 >= TARGET_MS);
  console.log(slow.length === 0 ? `all below ${TARGET_MS} ms` : `not below ${TARGET_MS} ms: ${slow.map(([route]) => route).join('; ')}`);
  console.log(`result in ${file}`);
  if (slow.length > 0) process.exitCode = 1;
}

function save(result: object, date: string, out: string | undefined): string {
  const file = out ?? join(REPOSITORY, 'bench/results/reads', `${date.slice(0, 16).replaceAll(/[-:]/g, '')}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  return file;
}

try {
  const options = parseReadsOptions(process.argv.slice(2));
  if (options === undefined) console.log(HELP);
  else await bench(options);
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
