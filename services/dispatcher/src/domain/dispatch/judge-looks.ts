/** Listings of runs that found nothing, and since when there could be one. All in ms since 1970 and ms. */
export interface Looks {
  readonly sinceMs: number;
  /** When listings succeeded, in order. */
  readonly looksMs: readonly number[];
  readonly nowMs: number;
  /** So long after the call a run is looked for. */
  readonly reconcileMs: number;
}

const SHORTEST_MS = 2_000;
const LONGEST_MS = 30_000;
const LOOKS = 3;
/** The share of the window that the listings must cover, so that one lucky second of GitHub is not taken for the truth. */
const SPREAD = 0.25;
const WIDEST_SPREAD_MS = 30_000;

/** How long to wait before what has been so for `ageMs` is looked at again: as long once more, from 2 to 30 s. */
export const lookAgainMs = (ageMs: number): number => Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ageMs));

/**
 * Whether it is certain enough that no run was started: the window is over, and at least three listings that lie apart found none. Else when to look again,
 * in ms from now.
 */
export function judgeLooks({
  sinceMs,
  looksMs,
  nowMs,
  reconcileMs,
}: Looks): { readonly kind: 'none' } | { readonly kind: 'again'; readonly inMs: number } {
  const spreadMs = (looksMs.at(-1) ?? 0) - (looksMs[0] ?? 0);
  const isSpread = looksMs.length >= LOOKS && spreadMs >= Math.min(reconcileMs * SPREAD, WIDEST_SPREAD_MS);
  const leftMs = sinceMs + reconcileMs - nowMs;
  if (leftMs <= 0) return isSpread ? { kind: 'none' } : { kind: 'again', inMs: SHORTEST_MS };
  return { kind: 'again', inMs: Math.max(1_000, Math.min(lookAgainMs(nowMs - sinceMs), leftMs)) };
}
