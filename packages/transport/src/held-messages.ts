import type { JsMsg } from '@nats-io/jetstream';

/** A message is kept alive this long in all; after that the broker hands it out again, for its handler hangs. */
const MAX_HOLD_MS = 5 * 60_000;

/**
 * The messages that a process holds unsettled. One timer tells the broker that they are worked on, so that they are not handed out twice.
 * A message younger than one interval is left alone: most are settled before.
 */
export class HeldMessages {
  readonly #since = new Map<JsMsg, number>();
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | undefined;
  #emptied: (() => void)[] = [];

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  get size(): number {
    return this.#since.size;
  }

  hold(message: JsMsg): void {
    this.#since.set(message, performance.now());
    this.#timer ??= setInterval(() => this.#heartbeat(performance.now()), this.#intervalMs).unref();
  }

  release(message: JsMsg): void {
    this.#since.delete(message);
    if (this.#since.size > 0) return;
    for (const emptied of this.#emptied.splice(0)) emptied();
  }

  /** Resolves when nothing is held, or after `budgetMs`; tells whether all was settled. */
  async whenEmpty(budgetMs: number): Promise<boolean> {
    if (this.#since.size > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, budgetMs);
      this.#emptied.push(resolve);
      await promise;
      clearTimeout(timer);
    }
    return this.#since.size === 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #heartbeat(nowMs: number): void {
    for (const [message, sinceMs] of this.#since) {
      const heldMs = nowMs - sinceMs;
      if (heldMs >= this.#intervalMs && heldMs < MAX_HOLD_MS) message.working();
    }
  }
}
