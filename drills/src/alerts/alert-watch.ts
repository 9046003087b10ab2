import { pause } from '@waybill/bench';
import { AlertBook } from './alert-book.ts';
import type { PrometheusServer } from './prometheus.ts';

const POLL_MS = 200;

/** Looks at the alerts of a Prometheus five times a second and keeps book, until it is ended. */
export class AlertWatch {
  readonly book = new AlertBook();
  readonly #prometheus: PrometheusServer;
  #isOn = true;

  constructor(prometheus: PrometheusServer) {
    this.#prometheus = prometheus;
    void this.#look();
  }

  async #look(): Promise<void> {
    while (this.#isOn) {
      // A look that fails changes nothing; when all fail, what is expected is found missing.
      const alerts = await this.#prometheus.alerts().catch(() => undefined);
      if (alerts !== undefined && this.#isOn) this.book.seen(Date.now(), alerts);
      await pause(POLL_MS);
    }
  }

  /** Waits until every target answers and no alert, not even a pending one, is there for `quietMs`; false when that takes longer than the budget. */
  async untilQuiet(quietMs: number, budgetMs: number): Promise<boolean> {
    const deadline = Date.now() + budgetMs;
    for (let sinceMs = Date.now(); Date.now() < deadline; await pause(POLL_MS)) {
      const down = await this.#prometheus.down().catch(() => ['?']);
      if (down.length > 0 || this.book.current.length > 0) sinceMs = Date.now();
      if (Date.now() - sinceMs >= quietMs) return true;
    }
    return false;
  }

  end(): void {
    this.#isOn = false;
  }
}
