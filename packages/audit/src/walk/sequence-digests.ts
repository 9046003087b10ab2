/** A digest for each of some sequences of one stream: 4 bytes for each from the lowest to the highest that it may hold. */
export class SequenceDigests {
  readonly #first: number;
  readonly #digests: Uint32Array;

  constructor(first: number, last: number) {
    this.#first = first;
    this.#digests = new Uint32Array(Math.max(0, last - first + 1));
  }

  /** A sequence outside is left out. */
  set(seq: number, digest: number): void {
    const at = seq - this.#first;
    // 0 marks a sequence that is not held.
    if (at >= 0 && at < this.#digests.length) this.#digests[at] = digest || 1;
  }

  /** Undefined: it is not held. */
  isSame(seq: number, digest: number): boolean | undefined {
    const known = this.#digests[seq - this.#first] ?? 0;
    return known === 0 ? undefined : known === (digest || 1);
  }

  /** The sequences that are held, from the lowest to the highest. */
  *[Symbol.iterator](): Generator<number> {
    for (const [at, digest] of this.#digests.entries()) if (digest !== 0) yield this.#first + at;
  }
}
