import { loadavg } from 'node:os';
import { untilInterrupted } from '../interruption.ts';
import { commitOf, machine } from '../measure/machine.ts';
import { saveResult } from '../result-file.ts';
import { REPOSITORY } from '../stack/local-stack.ts';
import { costsOfModes, type ModeCost, type ModeSlice } from './costs-of-modes.ts';
import { ModeStack } from './mode-stack.ts';
import { orderOf } from './modes.ts';
import { HELP, parseTelemetryOptions, type TelemetryOptions } from './options.ts';

type Undo = (() => Promise<void> | void)[];
type Told = Awaited<ReturnType<ModeStack['result']>>;

async function measure(options: TelemetryOptions, undo: Undo) {
  const { rounds, modes } = options;
  const stacks: ModeStack[] = [];
  for (const mode of modes) stacks.push(await ModeStack.open(mode, options, undo));
  const slices: ModeSlice[] = [];
  for (let round = 0; round < rounds; round += 1)
    for (const mode of orderOf(modes, round))
      for (const stack of stacks.filter((each) => each.mode === mode)) slices.push(await stack.slice(round));
  const told = await Promise.all(stacks.map((stack) => stack.result()));
  return { slices, told, natsVersion: stacks[0]?.natsVersion ?? 'unknown' };
}

async function bench(options: TelemetryOptions, undo: Undo): Promise<void> {
  const { rate, events, rounds, modes, out } = options;
  const { slices, told, natsVersion } = await measure(options, undo);
  const costs = costsOfModes(slices, modes);
  console.log(`\nCPU µs per event: medians of ${rounds} slices of ${events} events, ${rate} a second`);
  for (const cost of costs) console.log(lineOf(cost, told));
  const about = { date: new Date().toISOString(), commit: commitOf(REPOSITORY), machine: machine(natsVersion), load: loadavg() };
  const file = saveResult('telemetry', { ...about, settings: { ...options }, costs, told, slices }, out);
  console.log(`result in ${file}`);
  if (!told.every(isSound)) process.exitCode = 1;
}

const isSound = ({ mode, missing, spansPerEvent }: Told): boolean => missing === 0 && mode.startsWith('traces') === spansPerEvent > 0;

function lineOf({ mode, total, ratio, cpuMicrosPerEvent }: ModeCost, told: readonly Told[]): string {
  const { missing, spansPerEvent } = told.find((each) => each.mode === mode) ?? { missing: 0, spansPerEvent: 0 };
  const each = Object.entries(cpuMicrosPerEvent).map(([name, micros]) => `${name} ${micros.toFixed(0)}`);
  const about = `× ${ratio.toFixed(3)}  ${spansPerEvent.toFixed(2)} spans  missing ${missing}`;
  return `${mode.padEnd(11)} ${total.toFixed(0).padStart(6)}  ${about}  ${each.join('  ')}`;
}

const undo: Undo = [];
try {
  const options = parseTelemetryOptions(process.argv.slice(2));
  if (options === undefined) console.log(HELP);
  else await untilInterrupted(bench(options, undo));
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
} finally {
  for (const step of undo.toReversed()) await step();
}
