/** The process is stopping, so the work is given back. */
export class Stopping extends Error {
  override readonly name = 'Stopping';
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

export interface PersistenceOptions {
  /** Waits; rejects as soon as `signal` aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly stop: AbortSignal;
}

/**
 * Repeats writes until they succeed: what was sent must be recorded, however long NATS is away, and must not be sent again because of it.
 * Only a stopping process gives up, with `Stopping`. `pending` shows in the health report.
 */
export class Persistence {
  readonly #options: PersistenceOptions;
  readonly #pending = new Map<symbol, string>();

  constructor(options: PersistenceOptions) {
    this.#options = options;
  }

  /** How many writes are being repeated now, and the newest error. */
  get pending(): { count: number; error: string | undefined } {
    return { count: this.#pending.size, error: [...this.#pending.values()].at(-1) };
  }

  async until<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      return this.#repeat(write, error);
    }
  }

  async #repeat<T>(write: () => Promise<T>, first: unknown): Promise<T> {
    const { sleep, stop } = this.#options;
    const id = Symbol('write');
    this.#pending.set(id, String(first));
    try {
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
        await sleep(pauseMs, stop).catch(() => undefined);
        if (stop.aborted) throw new Stopping('the process is stopping');
        try {
          return await write();
        } catch (error) {
          this.#pending.set(id, String(error));
        }
      }
    } finally {
      this.#pending.delete(id);
    }
  }
}
