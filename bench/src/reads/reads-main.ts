import { loadavg } from 'node:os';
import { Pool } from 'undici';
import { monotonicMs } from '../measure/clock.ts';
import { commitOf, machine } from '../measure/machine.ts';
import { type Latencies, latenciesOf } from '../measure/percentile.ts';
import { saveResult } from '../result-file.ts';
import { REPOSITORY } from '../stack/local-stack.ts';
import { HELP, parseReadsOptions, type ReadsOptions } from './options.ts';
import { type Ask, type Question, questionsOf } from './questions.ts';
import { withServedStore } from './served-store.ts';

/** What a page may wait for its data, 95 times of 100. */
const TARGET_MS = 100;
/** Questions before anything is measured. */
const WARM_UP = 20;

const askOf =
  (pool: Pool, key: string): Ask =>
  async (path) => {
    const { statusCode, body } = await pool.request({ path, method: 'GET', headers: { authorization: `Bearer ${key}` } });
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

async function measure(url: string, key: string, options: ReadsOptions): Promise<Record<string, Latencies>> {
  const pool = new Pool(url, { connections: options.atOnce });
  const routes: Record<string, Latencies> = {};
  console.log(`${'route (ms)'.padEnd(45)}${['p50', 'p95', 'p99'].map((name) => name.padStart(8)).join('')}`);
  try {
    const ask = askOf(pool, key);
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

async function bench(options: ReadsOptions): Promise<void> {
  await withServedStore(options.events, {}, async ({ url, key, natsServer }) => {
    const load = loadavg();
    const routes = await measure(url, key, options);
    report({ machine: machine(natsServer), load, loadAfter: loadavg() }, routes, options);
  });
}

function report(about: object, routes: Record<string, Latencies>, { out, ...settings }: ReadsOptions): void {
  const date = new Date().toISOString();
  const file = saveResult('reads', { date, commit: commitOf(REPOSITORY), ...about, settings, routes }, out);
  const slow = Object.entries(routes).filter(([, { p95 }]) => p95 >= TARGET_MS);
  console.log(slow.length === 0 ? `all below ${TARGET_MS} ms` : `not below ${TARGET_MS} ms: ${slow.map(([route]) => route).join('; ')}`);
  console.log(`result in ${file}`);
  if (slow.length > 0) process.exitCode = 1;
}

try {
  const options = parseReadsOptions(process.argv.slice(2));
  if (options === undefined) console.log(HELP);
  else await bench(options);
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
