import type { LogRecord } from '@waybill/bench';

/** How deliveries flowed around a fault. Times in ms. */
export interface Flow {
  /** The longest time between two arrivals, of whatever event, from the fault on. */
  readonly longestSilenceMs: number;
  /** Events that were accepted before the fault and first arrived after it: how many, and when the last of them did, counted from the fault. */
  readonly lateEvents: number;
  readonly lastLateMs: number;
}

/** Looks at arrivals (endpoint, when) of accepted events (type, first try, 202) around a fault at `faultMs`, up to `untilMs`; all on one monotonic clock. */
export function flowAround(accepted: readonly LogRecord[], arrivals: Iterable<LogRecord>, faultMs: number, untilMs: number): Flow {
  const before = new Set(accepted.filter(({ second }) => second <= faultMs).map(({ id }) => id));
  const firsts = new Map<string, number>();
  const times: number[] = [faultMs];
  for (const { id, first, tag } of arrivals) {
    if (first >= faultMs && first <= untilMs) times.push(first);
    const key = `${id} ${tag}`;
    if (before.has(id) && !firsts.has(key)) firsts.set(key, first);
  }
  const late = [...firsts.values()].filter((atMs) => atMs > faultMs && atMs <= untilMs);
  const sorted = times.toSorted((one, other) => one - other);
  const gaps = sorted.slice(1).map((atMs, index) => atMs - (sorted[index] ?? atMs));
  return {
    longestSilenceMs: Math.round(Math.max(0, ...gaps)),
    lateEvents: late.length,
    lastLateMs: Math.round(Math.max(0, ...late.map((atMs) => atMs - faultMs))),
  };
}
