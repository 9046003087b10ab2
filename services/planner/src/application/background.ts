/** Work that goes on beside its owner, never twice at once. */
export class Background {
  readonly #onFailure: (failure: unknown) => void;
  #running: Promise<void> | undefined;

  constructor(onFailure: (failure: unknown) => void) {
    this.#onFailure = onFailure;
  }

  /** Begins it unless it still runs. */
  start(work: () => Promise<void>): void {
    this.#running ??= work()
      .catch(this.#onFailure)
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Resolves when nothing runs. */
  async settled(): Promise<void> {
    await this.#running;
  }
}
