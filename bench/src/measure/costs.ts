import { percentile } from './percentile.ts';
import type { Sample } from './sampler.ts';

/** What one process cost during a run. Bytes are resident set sizes. */
export interface ProcessCost {
  /** CPU time per accepted event, in microseconds, from the first event until everything was caught up. */
  readonly cpuMicrosPerEvent: number;
  readonly rssStart: number;
  readonly rssThird: number;
  readonly rssEnd: number;
  readonly rssMax: number;
  /** `rssEnd` divided by `rssThird`: 1 when memory is flat. */
  readonly growth: number;
}

/** Share of all events around a mark whose samples stand for it: a single sample catches a garbage collection or not. */
const AROUND = 0.05;

/** Median RSS of a process while the number of events was within 5 % (of all events) of `events`. */
export function rssAround(samples: readonly Sample[], name: string, events: number, total: number): number {
  const near = samples.filter((sample) => Math.abs(sample.events - events) <= total * AROUND);
  const sizes = near.flatMap((sample) => sample.usage[name]?.rssBytes ?? []);
  return percentile(Float64Array.from(sizes).toSorted(), 50);
}

/** Costs of each process from the samples of a run with `events` accepted events. A process without samples is left out. */
export function costsOf(samples: readonly Sample[], names: readonly string[], events: number): Record<string, ProcessCost> {
  return Object.fromEntries(
    names.flatMap((name) => (samples.some((sample) => name in sample.usage) ? [[name, costOf(samples, name, events)]] : [])),
  );
}

function costOf(samples: readonly Sample[], name: string, events: number): ProcessCost {
  const used = samples.flatMap((sample) => sample.usage[name] ?? []);
  const [first, last] = [used[0], used.at(-1)];
  const cpuMs = (last?.cpuMs ?? 0) - (first?.cpuMs ?? 0);
  const rssThird = rssAround(samples, name, events / 3, events);
  const rssEnd = rssAround(samples, name, events, events);
  return {
    cpuMicrosPerEvent: events === 0 ? 0 : (cpuMs * 1_000) / events,
    rssStart: first?.rssBytes ?? 0,
    rssThird,
    rssEnd,
    rssMax: Math.max(...used.map((usage) => usage.rssBytes)),
    growth: rssThird === 0 ? 0 : rssEnd / rssThird,
  };
}
