import type { DependencyState } from './health.ts';

/** Asks how a dependency is doing. A rejection says nothing new: it could not be asked. */
export type AskDependency = () => Promise<DependencyState>;

const EVERY_MS = 2_000;

/**
 * A dependency that has to be asked, for a health report that cannot wait: it is asked every few seconds, one question at a time, and `state` is the last
 * answer. Until the first one it counts as not ok. Whoever makes it must close it.
 */
export class WatchedDependency {
  readonly #ask: AskDependency;
  readonly #timer: NodeJS.Timeout;
  #state: DependencyState = { ok: false, detail: 'not asked yet' };
  #isAsking = false;

  constructor(ask: AskDependency, everyMs = EVERY_MS) {
    this.#ask = ask;
    this.#timer = setInterval(() => void this.#look(), everyMs);
    this.#timer.unref();
    void this.#look();
  }

  readonly state = (): DependencyState => this.#state;

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      this.#state = await this.#ask();
    } catch {
      // The last answer stands: whether the way to it is open is another dependency's business.
    } finally {
      this.#isAsking = false;
    }
  }
}
