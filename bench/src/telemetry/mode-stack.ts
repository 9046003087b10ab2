import { pause } from '../measure/clock.ts';
import { usageOf } from '../measure/process-usage.ts';
import { compareAll, openRig, type Rig, sendThrough } from '../run-bench.ts';
import type { ModeSlice } from './costs-of-modes.ts';
import { environmentOf, type Mode } from './modes.ts';
import type { TelemetryOptions } from './options.ts';
import { type SpanReceiver, startSpanReceiver } from './span-receiver.ts';

type Undo = (() => Promise<void> | void)[];

const WAIT_SECONDS = 120;
/** As Prometheus would look, and more often. */
const SCRAPE_MS = 5_000;
/** Spans may still be on their way for a moment. */
const SETTLE_MS = 1_500;
const WORK = {
  endpoints: 1,
  fanOut: 1,
  payloadBytes: 1_024,
  failingPercent: 0,
  connections: 32,
  via: 'webhook',
  regions: 1,
  handOver: false,
} as const;

/** A stack that works in one mode, with a receiver for its spans. */
export class ModeStack {
  readonly mode: Mode;
  readonly #options: TelemetryOptions;
  readonly #rig: Rig;
  readonly #receiver: SpanReceiver;
  readonly #phases = ['warm-up'];
  #sent: number;

  private constructor(mode: Mode, options: TelemetryOptions, rig: Rig, receiver: SpanReceiver) {
    this.mode = mode;
    this.#options = options;
    this.#rig = rig;
    this.#receiver = receiver;
    this.#sent = options.warmUpEvents;
  }

  /** Starts and warms it up. `undo` gets what stops it. */
  static async open(mode: Mode, options: TelemetryOptions, undo: Undo): Promise<ModeStack> {
    const { rate, events, warmUpEvents } = options;
    const receiver = await startSpanReceiver();
    undo.push(() => receiver.close());
    const env = environmentOf(mode, receiver.url);
    const rig = await openRig({ ...WORK, rate, events, warmUpEvents, waitSeconds: WAIT_SECONDS, name: mode, env }, undo);
    if (mode !== 'off') undo.push(scrape(Object.values(rig.stack.region().services)));
    await sendThrough(rig, 'warm-up', warmUpEvents, warmUpEvents);
    return new ModeStack(mode, options, rig, receiver);
  }

  get natsVersion(): string {
    return this.#rig.pipeline.natsVersion;
  }

  /** Sends a slice of the load and tells what it cost until nothing was left to do. */
  async slice(round: number): Promise<ModeSlice> {
    const { events } = this.#options;
    const phase = `${this.mode} ${round}`;
    this.#phases.push(phase);
    this.#sent += events;
    const before = this.#cpuMs();
    await sendThrough(this.#rig, phase, events, this.#sent);
    const each = Object.entries(this.#cpuMs()).map(([name, cpuMs]) => [name, ((cpuMs - (before[name] ?? 0)) * 1_000) / events] as const);
    return { mode: this.mode, round, cpuMicrosPerEvent: Object.fromEntries(each) };
  }

  /** Events that were accepted and did not arrive, and spans that did for each event, as far as they were sent by now. */
  async result(): Promise<{ readonly mode: Mode; readonly missing: number; readonly spansPerEvent: number }> {
    const { missing } = await compareAll(this.#rig, this.#phases);
    await pause(SETTLE_MS);
    return { mode: this.mode, missing: missing.length, spansPerEvent: this.#receiver.spans() / this.#sent };
  }

  #cpuMs(): Record<string, number> {
    const { pids } = this.#rig.stack.region();
    return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, usageOf(pid)?.cpuMs ?? 0] as const));
  }
}

/** Looks at the metrics of every service, again and again, until told to stop. */
function scrape(urls: readonly string[]): () => void {
  const look = (): void => {
    for (const url of urls)
      void fetch(`${url}/metrics`)
        .then((answer) => answer.arrayBuffer())
        .catch(() => undefined);
  };
  const timer = setInterval(look, SCRAPE_MS);
  return () => clearInterval(timer);
}
