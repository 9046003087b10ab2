import { Pool } from 'undici';
import { z } from 'zod';
import { type EventRequest, type LogRecord, monotonicMs, pause } from '@waybill/bench';

export interface SenderOptions {
  readonly url: string;
  readonly ratePerSecond: number;
  readonly eventTypes: number;
  readonly request: (n: number, nowMs: number) => EventRequest;
}

/** How sending went. `answers` counts by status, or by the name of the error when there was none. */
export interface SenderCounts {
  readonly started: number;
  readonly accepted: number;
  readonly answers: Readonly<Record<string, number>>;
  /** Events that needed more than one try. */
  readonly retried: number;
  /** The longest that one event took from its first try to its 202, in ms. */
  readonly slowestMs: number;
  /** The slowest answer that was no 202, in ms: how long the door takes to say no. */
  readonly slowestRefusalMs: number;
}

const TICK_MS = 5;
const ANSWER_BUDGET_MS = 10_000;
const AGAIN_AFTER_MS = 150;
/** More than ever wait for an answer: waiting for a free connection would be taken for a slow answer. */
const CONNECTIONS = 2_048;
const acceptedSchema = z.object({ id: z.string() });

/**
 * A sender as an application should be one: a fixed rate, an idempotency key for each event, and the same event again under the same key
 * until it got a 202. What was accepted is what this one says: it saw the 202.
 */
export class PersistentSender {
  readonly #options: SenderOptions;
  readonly #pool: Pool;
  readonly #accepted: LogRecord[] = [];
  readonly #answers: Record<string, number> = {};
  readonly #rejected: string[] = [];
  #started = 0;
  #waiting = 0;
  #retried = 0;
  #slowestMs = 0;
  #slowestRefusalMs = 0;
  #ratePerSecond: number;
  /** From when on, and from which event on, the present rate counts. */
  #since = { ms: 0, started: 0 };
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#ratePerSecond = options.ratePerSecond;
    this.#pool = new Pool(options.url, {
      connections: CONNECTIONS,
      pipelining: 1,
      connectTimeout: 2_000,
      headersTimeout: ANSWER_BUDGET_MS,
    });
  }

  /** Records (id; event type, first try, 202). */
  get accepted(): readonly LogRecord[] {
    return this.#accepted;
  }

  /** Answers that trying again cannot change: a 4xx other than 408 and 429. */
  get rejected(): readonly string[] {
    return this.#rejected;
  }

  get counts(): SenderCounts {
    const accepted = this.#accepted.length;
    const slowest = { slowestMs: Math.round(this.#slowestMs), slowestRefusalMs: Math.round(this.#slowestRefusalMs) };
    return { started: this.#started, accepted, answers: { ...this.#answers }, retried: this.#retried, ...slowest };
  }

  start(): void {
    this.#since = { ms: monotonicMs(), started: this.#started };
    this.#timer = setInterval(() => this.#sendDue(), TICK_MS);
  }

  /** Goes on at another rate; 0 starts no more events until the next change. */
  changeRate(ratePerSecond: number): void {
    this.#ratePerSecond = ratePerSecond;
    this.#since = { ms: monotonicMs(), started: this.#started };
  }

  /** Whether everything that was begun is accepted, or refused for good. */
  get isQuiet(): boolean {
    return this.#waiting === 0;
  }

  /** Starts no more events and waits until those begun are accepted. Returns how many were not, after `budgetMs`. */
  async stop(budgetMs: number): Promise<number> {
    clearInterval(this.#timer);
    const deadline = monotonicMs() + budgetMs;
    while (this.#waiting > 0 && monotonicMs() < deadline) await pause(TICK_MS);
    const left = this.#waiting;
    await this.#pool.destroy();
    return left;
  }

  #sendDue(): void {
    const due = this.#since.started + Math.floor(((monotonicMs() - this.#since.ms) * this.#ratePerSecond) / 1_000);
    while (this.#started < due) {
      void this.#deliver(this.#started);
      this.#started += 1;
    }
  }

  async #deliver(n: number): Promise<void> {
    this.#waiting += 1;
    const firstMs = monotonicMs();
    for (let tries = 1; !this.#pool.destroyed; tries += 1) {
      const verdict = await this.#try(n, firstMs);
      if (verdict === 'final') break;
      if (tries === 1) this.#retried += 1;
      await pause(AGAIN_AFTER_MS);
    }
    this.#waiting -= 1;
  }

  async #try(n: number, firstMs: number): Promise<'final' | 'again'> {
    const startedMs = monotonicMs();
    try {
      const { statusCode, body } = await this.#pool.request(this.#options.request(n, Date.now()));
      const text = await body.text();
      this.#count(String(statusCode), startedMs);
      return this.#judge(n, firstMs, statusCode, text);
    } catch (error) {
      this.#count(error instanceof Error && 'code' in error ? String(error.code) : 'error', startedMs);
      return 'again';
    }
  }

  #judge(n: number, firstMs: number, status: number, text: string): 'final' | 'again' {
    if (status === 202) {
      const { id } = acceptedSchema.parse(JSON.parse(text));
      const nowMs = monotonicMs();
      this.#slowestMs = Math.max(this.#slowestMs, nowMs - firstMs);
      this.#accepted.push({ id, tag: n % this.#options.eventTypes, first: firstMs, second: nowMs });
      return 'final';
    }
    if (status >= 500 || status === 408 || status === 429) return 'again';
    this.#rejected.push(`event ${n}: ${status} ${text.slice(0, 300)}`);
    return 'final';
  }

  #count(answer: string, startedMs: number): void {
    this.#answers[answer] = (this.#answers[answer] ?? 0) + 1;
    if (answer !== '202') this.#slowestRefusalMs = Math.max(this.#slowestRefusalMs, monotonicMs() - startedMs);
  }
}
