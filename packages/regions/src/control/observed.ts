/** Since when, by the own clock, an entry has stood at its revision. */
interface Sighting {
  readonly revision: number;
  readonly sinceMs: number;
}

/**
 * Watches how long entries have not changed. Only the own clock counts: what another region's clock says proves nothing.
 * Times are monotonic ms.
 */
export class Sightings {
  readonly #seen = new Map<string, Sighting>();

  /** Notes that `key` stood at `revision` at `nowMs`. */
  note(key: string, revision: number, nowMs: number): void {
    if (this.#seen.get(key)?.revision !== revision) this.#seen.set(key, { revision, sinceMs: nowMs });
  }

  /** Nothing could be seen for a while: whatever is seen next begins anew. */
  forget(): void {
    this.#seen.clear();
  }

  /** How long `key` has been seen unchanged at `revision`, in ms; 0 when it was never seen there. */
  unchangedMs(key: string, revision: number, nowMs: number): number {
    const sighting = this.#seen.get(key);
    return sighting?.revision === revision ? nowMs - sighting.sinceMs : 0;
  }
}
