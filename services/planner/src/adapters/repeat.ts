const EVERY_MS = 1_000;

/**
 * Does `step` again and again, once a second or when woken, never twice at once. A failure is told to `onChange` once, and `undefined` when it works again.
 */
export class Repeating {
  readonly #step: () => Promise<void>;
  readonly #onChange: (failure: unknown) => void;
  readonly #running: Promise<void>;
  #isStopped = false;
  #isWoken = false;
  #hasFailed = false;
  #pause = Promise.withResolvers<void>();

  constructor(step: () => Promise<void>, onChange: (failure: unknown) => void) {
    this.#step = step;
    this.#onChange = onChange;
    this.#running = this.#run();
  }

  /** Does it again at once, or as soon as the present time is over. */
  wake(): void {
    this.#isWoken = true;
    this.#pause.resolve();
  }

  /** Ends it; resolves when the present time is over. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      this.#isWoken = false;
      await this.#once();
      if (!this.#isWoken) await this.#rest();
    }
  }

  async #once(): Promise<void> {
    try {
      await this.#step();
      if (this.#hasFailed) this.#onChange(undefined);
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed && !this.#isStopped) this.#onChange(error);
      this.#hasFailed = true;
    }
  }

  async #rest(): Promise<void> {
    this.#pause = Promise.withResolvers<void>();
    const timer = setTimeout(this.#pause.resolve, EVERY_MS);
    await this.#pause.promise;
    clearTimeout(timer);
  }
}
