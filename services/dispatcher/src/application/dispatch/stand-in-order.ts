/** Dispatches of one place that another region may have made, and when each was planned and last seen (ms since 1970). */
interface Seen {
  readonly firstMs: number;
  readonly pending: Map<string, { readonly plannedMs: number; seenMs: number }>;
}

/** What is taken over arrives one by one: so long the older ones are waited for. */
const GATHER_MS = 5_000;
/** Who did not come back for so long was ended or taken elsewhere. */
const GONE_MS = 180_000;
const AGAIN_MS = 2_000;

/**
 * Who may take a run that nobody is known to have started, of those for whom another region may have started it: the one that was planned first, because
 * calls to one place are made in about the order of their plans.
 */
export class StandInOrder {
  readonly #places = new Map<string, Seen>();

  note(place: string, { key, plannedMs, nowMs }: { readonly key: string; readonly plannedMs: number; readonly nowMs: number }): void {
    const known = this.#places.get(place);
    if (known !== undefined) dropGone(known, nowMs);
    // Those of an earlier time have nothing to do with those that arrive now.
    const seen = known === undefined || known.pending.size === 0 ? { firstMs: nowMs, pending: new Map() } : known;
    this.#places.set(place, seen);
    seen.pending.set(key, { plannedMs, seenMs: nowMs });
  }

  /** How long to wait for others that come first, in ms; undefined: it is the turn of `key`. */
  waitMs(place: string, key: string, nowMs: number): number | undefined {
    const seen = this.#places.get(place);
    const own = seen?.pending.get(key);
    if (seen === undefined || own === undefined) return undefined;
    dropGone(seen, nowMs);
    const isFirst = [...seen.pending].every(
      ([other, { plannedMs }]) => other === key || plannedMs > own.plannedMs || (plannedMs === own.plannedMs && other > key),
    );
    return isFirst && nowMs - seen.firstMs >= GATHER_MS ? undefined : AGAIN_MS;
  }

  forget(place: string, key: string): void {
    const seen = this.#places.get(place);
    seen?.pending.delete(key);
    if (seen?.pending.size === 0) this.#places.delete(place);
  }
}

function dropGone({ pending }: Seen, nowMs: number): void {
  for (const [key, { seenMs }] of pending) if (seenMs < nowMs - GONE_MS) pending.delete(key);
}
