const SMALLEST = 1_024;
/** Of the places; at more than this, looking up gets slow. */
const FULLEST = 0.7;

/**
 * A number for each of many ids, in 12 bytes a place: 17 to 34 bytes an id, and half as much again while it grows. Keeps 64-bit digests in place of the ids: among
 * ten million ids the chance that any two are taken for one is 3 in a million. Values are whole numbers from 0 to 2^32 - 1.
 */
export class Fingerprints {
  #low = new Uint32Array(SMALLEST);
  #high = new Uint32Array(SMALLEST);
  #values = new Uint32Array(SMALLEST);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Memory that it takes now. */
  get bytes(): number {
    return this.#low.length * 12;
  }

  get(id: string): number | undefined {
    const place = this.#place(digestOf(id));
    return this.#isFree(place) ? undefined : this.#values[place];
  }

  set(id: string, value: number): void {
    const digest = digestOf(id);
    let place = this.#place(digest);
    if (this.#isFree(place)) {
      if (this.#size + 1 > this.#low.length * FULLEST) {
        this.#grow();
        place = this.#place(digest);
      }
      this.#size += 1;
    }
    this.#write(place, digest, value);
  }

  #write(place: number, { low, high }: Digest, value: number): void {
    this.#low[place] = low;
    this.#high[place] = high;
    this.#values[place] = value;
  }

  /** Where the digest is, or the free place where it belongs. */
  #place({ low, high }: Digest): number {
    const mask = this.#low.length - 1;
    let place = low & mask;
    while (!this.#isFree(place) && (this.#low[place] !== low || this.#high[place] !== high)) place = (place + 1) & mask;
    return place;
  }

  #isFree(place: number): boolean {
    return this.#high[place] === 0;
  }

  #grow(): void {
    const [low, high, values] = [this.#low, this.#high, this.#values];
    this.#low = new Uint32Array(low.length * 2);
    this.#high = new Uint32Array(low.length * 2);
    this.#values = new Uint32Array(low.length * 2);
    for (const [place, ofPlace] of high.entries()) {
      if (ofPlace === 0) continue;
      const digest = { low: low[place] ?? 0, high: ofPlace };
      this.#write(this.#place(digest), digest, values[place] ?? 0);
    }
  }
}

interface Digest {
  readonly low: number;
  /** Never 0: that marks a free place. */
  readonly high: number;
}

/** Two multiplicative hashes, mixed (cyrb53, whose 64 bits are all kept): not for ids that somebody chooses to collide. */
function digestOf(id: string): Digest {
  let one = 0xdeadbeef;
  let other = 0x41c6ce57;
  for (let at = 0; at < id.length; at += 1) {
    const unit = id.charCodeAt(at);
    one = Math.imul(one ^ unit, 2_654_435_761);
    other = Math.imul(other ^ unit, 1_597_334_677);
  }
  const low = Math.imul(one ^ (one >>> 16), 2_246_822_507) ^ Math.imul(other ^ (other >>> 13), 3_266_489_909);
  const high = Math.imul(other ^ (other >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  return { low: low >>> 0, high: high >>> 0 || 1 };
}

/** 32 bits of an id, for values of a table. */
export const shortDigest = (id: string): number => digestOf(id).low;
