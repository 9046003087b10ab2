const SHORTEST_MS = 1_000;
const SPREAD_MS = 4_000;
const MAX_DOUBLINGS = 4;

/** How long an attempt that found no place is put off, in ms: 1 to 5 s, doubled each time it is put off again, at most 80 s. `random` in [0, 1). */
export function parkDelayMs(parkedBefore: number, random: number): number {
  const factor = 2 ** Math.min(parkedBefore, MAX_DOUBLINGS);
  return Math.round((SHORTEST_MS + SPREAD_MS * random) * factor);
}
