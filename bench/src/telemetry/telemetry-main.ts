import { loadavg } from 'node:os';
import { figuresOf } from '../figures.ts';
import { pause } from '../measure/clock.ts';
import type { BenchOptions } from '../options.ts';
import type { BenchResult } from '../result.ts';
import { saveResult } from '../result-file.ts';
import { isSound } from '../result.ts';
import { runBench } from '../run-bench.ts';
import type { RunningRegion } from '../stack/run-state.ts';
import { costsOfModes, type ModeCost, type ModeRun } from './costs-of-modes.ts';
import { environmentOf, type Mode, orderOf } from './modes.ts';
import { HELP, parseTelemetryOptions, type TelemetryOptions } from './options.ts';
import { type SpanReceiver, startSpanReceiver } from './span-receiver.ts';

const WAIT_SECONDS = 120;
const CONNECTIONS = 32;
const PAYLOAD_BYTES = 1_024;
/** As Prometheus would look, and more often. */
const SCRAPE_MS = 5_000;
/** Spans of a run may still be on their way for a moment. */
const SETTLE_MS = 300;
/** What sends and what receives is not what is measured. */
const OTHERS = new Set(['load', 'receiver']);

interface Run {
  readonly run: ModeRun;
  readonly result: BenchResult;
}

/** Looks at the metrics of every service, again and again, until told to stop. */
function scrape({ services }: RunningRegion): () => void {
  const look = (): void => {
    for (const url of Object.values(services))
      void fetch(`${url}/metrics`)
        .then((answer) => answer.arrayBuffer())
        .catch(() => undefined);
  };
  const timer = setInterval(look, SCRAPE_MS);
  return () => clearInterval(timer);
}

async function runIn(mode: Mode, round: number, options: TelemetryOptions, spans: SpanReceiver): Promise<Run> {
  const { rate, events, warmUpEvents } = options;
  const benchOptions: BenchOptions = {
    rate,
    events,
    warmUpEvents,
    endpoints: 1,
    fanOut: 1,
    payloadBytes: PAYLOAD_BYTES,
    failingPercent: 0,
    connections: CONNECTIONS,
    via: 'webhook',
    regions: 1,
    handOver: false,
    waitSeconds: WAIT_SECONDS,
    name: mode,
    env: environmentOf(mode, spans.url),
    meanwhile: mode === 'off' ? undefined : scrape,
  };
  const before = spans.spans();
  const result = figuresOf(await runBench(benchOptions), benchOptions, new Date().toISOString());
  await pause(SETTLE_MS);
  const costs = Object.entries(result.processes).filter(([name]) => !OTHERS.has(name));
  const cpuMicrosPerEvent = Object.fromEntries(costs.map(([name, cost]) => [name, cost.cpuMicrosPerEvent]));
  const spansPerEvent = (spans.spans() - before) / (events + warmUpEvents);
  return { run: { mode, round, cpuMicrosPerEvent, spansPerEvent, ackP95Ms: result.speed.ackMs.p95 }, result };
}

const isToldOf = ({ mode, spansPerEvent }: ModeRun): boolean => mode.startsWith('traces') === spansPerEvent > 0;

async function bench(options: TelemetryOptions): Promise<void> {
  const { rate, events, rounds, modes, out } = options;
  const spans = await startSpanReceiver();
  const all: Run[] = [];
  try {
    for (let round = 0; round < rounds; round += 1)
      for (const mode of orderOf(modes, round)) {
        const one = await runIn(mode, round, options, spans);
        all.push(one);
        console.log(lineOf(costsOfModes([{ ...one.run, round }], [mode])[0]));
      }
  } finally {
    spans.close();
  }
  const runs = all.map(({ run }) => run);
  const costs = costsOfModes(runs, modes);
  console.log(`\nmedians of ${rounds} rounds, ${rate} events a second, ${events} events each; CPU µs per event`);
  for (const cost of costs) console.log(lineOf(cost));
  const [{ commit, machine } = { commit: 'unknown', machine: {} }] = all.map(({ result }) => result);
  const file = saveResult(
    'telemetry',
    { date: new Date().toISOString(), commit, machine, load: loadavg(), settings: { ...options }, costs, runs },
    out,
  );
  console.log(`result in ${file}`);
  if (!all.every(({ result, run }) => isSound(result) && isToldOf(run))) process.exitCode = 1;
}

function lineOf(cost: ModeCost | undefined): string {
  if (cost === undefined) return '';
  const { mode, total, ratio, spansPerEvent, ackP95Ms, cpuMicrosPerEvent } = cost;
  const each = Object.entries(cpuMicrosPerEvent).map(([name, micros]) => `${name} ${micros.toFixed(0)}`);
  const compared = `× ${ratio.toFixed(3)}`;
  return `${mode.padEnd(11)} ${total.toFixed(0).padStart(6)}  ${compared}  ${spansPerEvent.toFixed(2)} spans  ack p95 ${ackP95Ms.toFixed(1)} ms  ${each.join('  ')}`;
}

try {
  const options = parseTelemetryOptions(process.argv.slice(2));
  if (options === undefined) console.log(HELP);
  else await bench(options);
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
