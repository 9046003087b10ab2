import { monotonicMs } from './clock.ts';
import { type Usage, usageOf } from './process-usage.ts';

/** Usage of every watched process at one moment. */
export interface Sample {
  readonly atMs: number;
  /** Events that were accepted by then. */
  readonly events: number;
  readonly usage: Readonly<Record<string, Usage>>;
}

const EVERY_MS = 500;

/** Watches processes by name and pid, twice a second, until closed. `events` says how far the load is. */
export class Sampler {
  readonly #pids: Readonly<Record<string, number>>;
  readonly #events: () => number;
  readonly #samples: Sample[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(pids: Readonly<Record<string, number>>, events: () => number) {
    this.#pids = pids;
    this.#events = events;
    this.#timer = setInterval(() => this.take(), EVERY_MS);
  }

  /** Takes a sample now. */
  take(): Sample {
    const usage: Record<string, Usage> = {};
    for (const [name, pid] of Object.entries(this.#pids)) {
      const used = usageOf(pid);
      if (used !== undefined) usage[name] = used;
    }
    const sample = { atMs: monotonicMs(), events: this.#events(), usage };
    this.#samples.push(sample);
    return sample;
  }

  close(): readonly Sample[] {
    clearInterval(this.#timer);
    return this.#samples;
  }
}
