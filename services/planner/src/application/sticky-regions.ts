/** Correlations that are remembered. */
const CAPACITY = 50_000;

/** Where the deliveries of a correlation went, so that later ones follow. The longest unused make room. */
export class StickyRegions {
  readonly #regions = new Map<string, string>();
  /** Stands at the oldest entry: a new iterator would walk over all that were removed in front of it. */
  readonly #oldest = this.#regions.keys();
  readonly #capacity: number;

  constructor(capacity = CAPACITY) {
    this.#capacity = capacity;
  }

  /** The region that took what was wanted in `wanted`; undefined when nothing is known. */
  find(correlationId: string, wanted: string): string | undefined {
    return this.#regions.get(keyOf(correlationId, wanted));
  }

  remember(correlationId: string, wanted: string, region: string): void {
    const key = keyOf(correlationId, wanted);
    this.#regions.delete(key);
    this.#regions.set(key, region);
    if (this.#regions.size <= this.#capacity) return;
    const { value: oldest } = this.#oldest.next();
    if (oldest !== undefined) this.#regions.delete(oldest);
  }
}

const keyOf = (correlationId: string, wanted: string): string => `${wanted} ${correlationId}`;
