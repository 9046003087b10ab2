const SECONDS = 60;
/** Fewer attempts than this say nothing: one failure of one attempt is no rate. */
const FEWEST = 20;

interface Second {
  second: number;
  attempts: number;
  failed: number;
}

/** How many of the attempts of the last minute failed. Times in ms since any beginning; they must not go back by more than a minute. */
export class ErrorRate {
  readonly #seconds: Second[] = Array.from({ length: SECONDS }, () => ({ second: -SECONDS, attempts: 0, failed: 0 }));

  note(failed: boolean, nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    const slot = this.#seconds[second % SECONDS];
    if (slot === undefined) return;
    if (slot.second !== second) Object.assign(slot, { second, attempts: 0, failed: 0 });
    slot.attempts += 1;
    if (failed) slot.failed += 1;
  }

  /** Failed attempts as a share of all, 0 to 1; 0 when there were fewer than 20. */
  at(nowMs: number): number {
    const oldest = Math.floor(nowMs / 1000) - SECONDS;
    const recent = this.#seconds.filter(({ second }) => second > oldest);
    const attempts = recent.reduce((sum, slot) => sum + slot.attempts, 0);
    return attempts < FEWEST ? 0 : recent.reduce((sum, slot) => sum + slot.failed, 0) / attempts;
  }
}
