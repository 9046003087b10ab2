/** Why a run is not decided yet though it could be: GitHub does not answer, asks to slow down, or is not set up here. */
export type WaitsFor = 'away' | 'limited' | 'off';

export interface WaitingRunsPorts {
  readonly nowMs: () => number;
  /** Told once when runs begin to wait for something, and with undefined when none waits any more. */
  readonly onChange: (waitsFor: WaitsFor | undefined, detail: string) => void;
}

interface Waiting {
  readonly sinceMs: number;
  readonly tries: number;
  readonly dueMs: number;
}

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
/** One that was not tried though it was due is another region's now, or gone. */
const FORGOTTEN_MS = 3 * 60_000;
const TEXTS: Readonly<Record<WaitsFor, string>> = {
  away: 'GitHub does not answer',
  limited: 'GitHub asks to slow down',
  off: 'no GitHub App is set up here',
};

/** The finished runs that wait for GitHub: how long each waits before it is tried again, and what to tell of them. */
export class WaitingRuns {
  readonly #ports: WaitingRunsPorts;
  readonly #runs = new Map<string, Waiting>();
  readonly #told = new Set<WaitsFor>();
  #newest: WaitsFor = 'away';

  constructor(ports: WaitingRunsPorts) {
    this.#ports = ports;
  }

  /** For how long to leave it, in ms: as GitHub asked, else 1 s doubled up to a minute. */
  wait(eventId: string, waitsFor: WaitsFor, retryAfterMs?: number): number {
    const nowMs = this.#ports.nowMs();
    const known = this.#runs.get(eventId);
    const tries = (known?.tries ?? 0) + 1;
    const delayMs = Math.max(FIRST_MS, retryAfterMs ?? Math.min(LONGEST_MS, FIRST_MS * 2 ** (tries - 1)));
    this.#runs.set(eventId, { sinceMs: known?.sinceMs ?? nowMs, tries, dueMs: nowMs + delayMs });
    this.#newest = waitsFor;
    if (!this.#told.has(waitsFor)) {
      this.#told.add(waitsFor);
      this.#ports.onChange(waitsFor, TEXTS[waitsFor]);
    }
    return delayMs;
  }

  done(eventId: string): void {
    if (this.#runs.delete(eventId)) this.#tellEnd();
  }

  /** Whether it may be tried now; for those that nobody hands out again. */
  isDue(eventId: string | undefined): boolean {
    const waiting = eventId === undefined ? undefined : this.#runs.get(eventId);
    return waiting === undefined || waiting.dueMs <= this.#ports.nowMs();
  }

  /** What health says of them; undefined when none waits. */
  get detail(): string | undefined {
    this.#forget();
    let sinceMs = Number.POSITIVE_INFINITY;
    for (const waiting of this.#runs.values()) sinceMs = Math.min(sinceMs, waiting.sinceMs);
    if (this.#runs.size === 0) return undefined;
    return `waits since ${new Date(sinceMs).toISOString()}, ${this.#runs.size} runs: ${TEXTS[this.#newest]}`;
  }

  #forget(): void {
    const overdueMs = this.#ports.nowMs() - FORGOTTEN_MS;
    for (const [eventId, { dueMs }] of this.#runs) if (dueMs < overdueMs) this.#runs.delete(eventId);
    this.#tellEnd();
  }

  #tellEnd(): void {
    if (this.#runs.size > 0 || this.#told.size === 0) return;
    this.#told.clear();
    this.#ports.onChange(undefined, 'no run waits for GitHub');
  }
}
