/** A set of sequences of one stream, one bit each from the lowest to the highest that it may hold. */
export class SequenceSet {
  readonly #first: number;
  readonly #bits: Uint8Array;

  constructor(first: number, last: number) {
    this.#first = first;
    this.#bits = new Uint8Array(Math.ceil(Math.max(0, last - first + 1) / 8));
  }

  add(seq: number): void {
    const at = seq - this.#first;
    if (at >= 0 && at < this.#bits.length * 8) this.#bits[at >> 3] = (this.#bits[at >> 3] ?? 0) | (1 << (at & 7));
  }

  has(seq: number): boolean {
    const at = seq - this.#first;
    return at >= 0 && ((this.#bits[at >> 3] ?? 0) & (1 << (at & 7))) !== 0;
  }
}
