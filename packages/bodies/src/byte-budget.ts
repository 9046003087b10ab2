interface Waiting {
  readonly bytes: number;
  readonly admit: () => void;
}

/** Bounds how many bytes of large payloads are in memory at once. What is larger than the whole budget is admitted alone. */
export class ByteBudget {
  readonly #limit: number;
  readonly #waiting: Waiting[] = [];
  #inUse = 0;

  /** `limit` in bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes that were taken and not given back. */
  get inUse(): number {
    return this.#inUse;
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes `bytes` if there is room now and nobody waits. Who took must give back. */
  tryTake(bytes: number): boolean {
    if (this.#waiting.length > 0 || !this.#hasRoomFor(bytes)) return false;
    this.#inUse += bytes;
    return true;
  }

  /** Takes `bytes` as soon as there is room, in the order of asking. Who took must give back. */
  async take(bytes: number): Promise<void> {
    if (this.tryTake(bytes)) return;
    await new Promise<void>((admit) => this.#waiting.push({ bytes, admit }));
  }

  give(bytes: number): void {
    this.#inUse -= bytes;
    for (let next = this.#waiting[0]; next !== undefined && this.#hasRoomFor(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#inUse += next.bytes;
      next.admit();
    }
  }

  #hasRoomFor(bytes: number): boolean {
    return this.#inUse === 0 || this.#inUse + bytes <= this.#limit;
  }
}
