type Close = (signal: AbortSignal) => void | Promise<void>;

/** Owns the resources of a process and closes them in the reverse order of their creation. */
export class Lifecycle {
  readonly #owned: { name: string; close: Close }[] = [];
  #draining: Promise<void> | undefined;

  /** Takes a resource over and returns it. `close` gets a signal that aborts when the budget of the drain is spent. */
  own<T>(name: string, resource: T, close: (resource: T, signal: AbortSignal) => void | Promise<void>): T {
    this.#owned.push({ name, close: (signal) => close(resource, signal) });
    return resource;
  }

  /** Closes everything, within `budgetMs` altogether. A resource that fails to close does not keep the others open. Runs once. */
  drain(budgetMs: number): Promise<void> {
    this.#draining ??= this.#closeAll(AbortSignal.timeout(budgetMs));
    return this.#draining;
  }

  async #closeAll(signal: AbortSignal): Promise<void> {
    const failures: unknown[] = [];
    for (const { close } of this.#owned.toReversed()) {
      try {
        await Promise.race([close(signal), aborted(signal)]);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'some resources did not close');
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
