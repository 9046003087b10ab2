/** Keeps the newest `capacity` entries of a map. */
export function bound(entries: Map<string, unknown>, capacity: number): void {
  const oldest = entries.size > capacity ? entries.keys().next() : undefined;
  if (oldest?.done === false) entries.delete(oldest.value);
}

/** Values that count for a while after they were asked for; whoever asks meanwhile shares the question. Failures are not kept. */
export class FreshCache<T> {
  readonly #entries = new Map<string, { readonly value: Promise<T>; untilMs: number }>();
  readonly #freshMs: number;
  readonly #capacity: number;
  readonly #nowMs: () => number;

  constructor(freshMs: number, capacity: number, nowMs: () => number) {
    this.#freshMs = freshMs;
    this.#capacity = capacity;
    this.#nowMs = nowMs;
  }

  get(key: string, load: () => Promise<T>): Promise<T> {
    const known = this.#entries.get(key);
    if (known !== undefined && this.#nowMs() < known.untilMs) return known.value;
    const entry = { value: load(), untilMs: Number.POSITIVE_INFINITY };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    bound(this.#entries, this.#capacity);
    entry.value.then(
      () => (entry.untilMs = this.#nowMs() + this.#freshMs),
      () => this.#entries.get(key) === entry && this.forget(key),
    );
    return entry.value;
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }
}
