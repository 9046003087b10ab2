/** When events are to be sent. */
export interface Pace {
  /** How many events may be sent now in all, given how many were sent and how many of them wait for an answer. */
  due(nowMs: number, sent: number, waiting: number): number;
  /** When event number `n` was to be sent: latency counts from here, so that a stalled server cannot hide that it stalled. */
  intendedMs(n: number, nowMs: number): number;
}

/** A fixed rate, whatever the answers do. At most `maxWaiting` requests wait for an answer at once; those held back keep their intended time. */
export function openLoop(startMs: number, ratePerSecond: number, maxWaiting: number): Pace {
  return {
    due: (nowMs, sent, waiting) => Math.min(Math.floor(((nowMs - startMs) * ratePerSecond) / 1_000) + 1, sent + maxWaiting - waiting),
    intendedMs: (n) => startMs + (n * 1_000) / ratePerSecond,
  };
}

/** As fast as answers come back: `connections` requests at a time. Its latencies are those of a server that is always busy. */
export function closedLoop(connections: number): Pace {
  return { due: (_nowMs, sent, waiting) => sent + connections - waiting, intendedMs: (_n, nowMs) => nowMs };
}
