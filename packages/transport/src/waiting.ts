interface Waiter {
  readonly isReached: () => boolean;
  readonly resolve: (reached: boolean) => void;
}

/** Who waits for something to have been read; looks for it more often as long as somebody does. */
export class Waiting {
  readonly #look: () => void;
  readonly #everyMs: number;
  #waiters: Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(look: () => void, everyMs: number) {
    this.#look = look;
    this.#everyMs = everyMs;
  }

  /** Resolves true as soon as `check` finds it reached, false after `budgetMs` or when closed. */
  async until(isReached: () => boolean, budgetMs: number): Promise<boolean> {
    if (isReached()) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiter = { isReached, resolve };
    this.#waiters.push(waiter);
    this.#timer ??= setInterval(this.#look, this.#everyMs).unref();
    const timeout = setTimeout(resolve, budgetMs, false);
    const reached = await promise;
    clearTimeout(timeout);
    this.#waiters = this.#waiters.filter((other) => other !== waiter);
    if (this.#waiters.length === 0) this.#rest();
    return reached;
  }

  /** To be called whenever something was read. */
  check(): void {
    for (const { isReached, resolve } of this.#waiters) if (isReached()) resolve(true);
  }

  close(): void {
    this.#rest();
    for (const { resolve } of this.#waiters) resolve(false);
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
