import { type buildConnector, Pool } from 'undici';

export interface PoolOptions {
  readonly connect: buildConnector.connector;
  /** Connections to one origin at once; requests beyond wait for one. */
  readonly connectionsPerOrigin: number;
  /** Origins kept; the one not used for longest is closed for a new one. */
  readonly maxOrigins: number;
}

interface Entry {
  readonly pool: Pool;
  usedMs: number;
}

const IDLE_MS = 60_000;
const SWEEP_MS = 15_000;

/** One connection pool per origin, in the order of last use. Closing a pool lets its requests finish. */
export class OriginPools {
  readonly #options: PoolOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #sweep: NodeJS.Timeout;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#sweep = setInterval(() => this.#closeIdle(performance.now()), SWEEP_MS).unref();
  }

  get size(): number {
    return this.#entries.size;
  }

  of(origin: string): Pool {
    const entry = this.#entries.get(origin) ?? { pool: this.#open(origin), usedMs: 0 };
    entry.usedMs = performance.now();
    this.#entries.delete(origin);
    this.#entries.set(origin, entry);
    this.#closeSurplus();
    return entry.pool;
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    const pools = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.all(pools.map(({ pool }) => pool.destroy()));
  }

  #open(origin: string): Pool {
    const { connect, connectionsPerOrigin } = this.#options;
    // The limits of time are the exchange's: undici's own would only add timers.
    return new Pool(origin, { connect, connections: connectionsPerOrigin, headersTimeout: 0, bodyTimeout: 0 });
  }

  #closeSurplus(): void {
    if (this.#entries.size <= this.#options.maxOrigins) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#drop(oldest);
  }

  #closeIdle(nowMs: number): void {
    for (const [origin, { pool, usedMs }] of this.#entries) {
      if (nowMs - usedMs < IDLE_MS) return;
      const { running, queued } = pool.stats;
      if (running + queued === 0) this.#drop(origin);
    }
  }

  #drop(origin: string): void {
    const entry = this.#entries.get(origin);
    this.#entries.delete(origin);
    void entry?.pool.close();
  }
}
