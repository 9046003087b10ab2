const TICK_MS = 100;

/**
 * One time limit for many pieces of work, with one timer for all of them. Work ends up to 100 ms late, never early.
 * All have the same limit, so the order in which they were added is the order in which they expire.
 */
export class Deadlines<Work> {
  readonly #dueMs = new Map<Work, number>();
  readonly #limitMs: number;
  readonly #expire: (work: Work) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number, expire: (work: Work) => void) {
    this.#limitMs = limitMs;
    this.#expire = expire;
  }

  add(work: Work): void {
    this.#dueMs.set(work, performance.now() + this.#limitMs);
    this.#timer ??= setInterval(() => this.#tick(performance.now()), TICK_MS);
  }

  remove(work: Work): void {
    this.#dueMs.delete(work);
  }

  #tick(nowMs: number): void {
    for (const [work, dueMs] of this.#dueMs) {
      if (dueMs > nowMs) return;
      this.#dueMs.delete(work);
      this.#expire(work);
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
