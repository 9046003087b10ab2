/** Has work at one place done one after the other, in the order in which it came; work at different places is independent. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Whether something is being done there, or waits for its turn. */
  isBusy(place: string): boolean {
    return this.#last.has(place);
  }

  async inTurn<T>(place: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(place) ?? Promise.resolve();
    const { promise: over, resolve } = Promise.withResolvers<void>();
    this.#last.set(place, over);
    try {
      await before;
      return await work();
    } finally {
      resolve();
      if (this.#last.get(place) === over) this.#last.delete(place);
    }
  }
}
