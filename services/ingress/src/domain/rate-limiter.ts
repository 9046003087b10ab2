interface Bucket {
  tokens: number;
  atMs: number;
}

/** Buckets kept at most; the one used longest ago goes first. A forgotten bucket starts full again. */
const MAX_BUCKETS = 10_000;

/**
 * One token bucket per key: `perMinute` at once, and as many again spread over each minute. Knows no clock: `nowMs` is passed in and may
 * jump; a jump backwards refills nothing. Memory is bounded.
 */
export class RateLimiter {
  readonly #perMinute: number;
  readonly #maxBuckets: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perMinute: number, maxBuckets: number = MAX_BUCKETS) {
    this.#perMinute = perMinute;
    this.#maxBuckets = maxBuckets;
  }

  /** Takes one token. Returns 0 when there was one, otherwise the milliseconds until there will be. */
  take(key: string, nowMs: number): number {
    const bucket = this.#refilled(key, nowMs);
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) * 60_000) / this.#perMinute);
    bucket.tokens -= 1;
    return 0;
  }

  #refilled(key: string, nowMs: number): Bucket {
    const bucket = this.#buckets.get(key) ?? { tokens: this.#perMinute, atMs: nowMs };
    const passedMs = Math.max(0, nowMs - bucket.atMs);
    bucket.tokens = Math.min(this.#perMinute, bucket.tokens + (passedMs * this.#perMinute) / 60_000);
    bucket.atMs = nowMs;
    this.#touch(key, bucket);
    return bucket;
  }

  #touch(key: string, bucket: Bucket): void {
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    const oldest = this.#buckets.keys().next().value;
    if (this.#buckets.size > this.#maxBuckets && oldest !== undefined) this.#buckets.delete(oldest);
  }
}
