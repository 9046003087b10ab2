/** A map whose oldest entries make room beyond `capacity`. A key that is set again keeps its age. */
export class BoundedMap<K, V> {
  readonly #entries = new Map<K, V>();
  /** Stands at the oldest entry: a new iterator would walk over all that were removed in front of it. */
  readonly #oldest = this.#entries.keys();
  readonly #capacity: number;
  readonly #onEvicted: (value: V) => void;

  constructor(capacity: number, onEvicted: (value: V) => void = () => undefined) {
    this.#capacity = capacity;
    this.#onEvicted = onEvicted;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  set(key: K, value: V): void {
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#capacity) return;
    const { value: oldest } = this.#oldest.next();
    if (oldest === undefined) return;
    const evicted = this.#entries.get(oldest);
    this.#entries.delete(oldest);
    if (evicted !== undefined) this.#onEvicted(evicted);
  }
}
