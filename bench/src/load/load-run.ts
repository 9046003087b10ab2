import { Pool } from 'undici';
import { z } from 'zod';
import { monotonicMs } from '../measure/clock.ts';
import { RecordLog } from '../measure/record-log.ts';
import { type Answer, AnswerHandler } from './answer-handler.ts';
import { eventRequests } from './event-request.ts';
import type { LoadCounts, LoadDone, LoadSettings } from './messages.ts';
import { closedLoop, openLoop, type Pace } from './pace.ts';

const TICK_MS = 1;
const ANSWER_BUDGET_MS = 30_000;
/** Beyond this the load generator itself would be what is measured. */
const MAX_WAITING = 20_000;

const acceptedSchema = z.object({ id: z.string() });

/** Sends the events of one run and keeps the ids of those that were accepted, with the times they were to be sent and were acknowledged. */
export class LoadRun {
  readonly #settings: LoadSettings;
  readonly #pool: Pool;
  readonly #request: ReturnType<typeof eventRequests>;
  readonly #accepted = new RecordLog();
  readonly #answers: Record<string, number> = {};
  #sent = 0;
  #waiting = 0;
  #refused = 0;

  constructor(settings: LoadSettings) {
    this.#settings = settings;
    this.#pool = new Pool(settings.url, { connections: settings.connections, pipelining: 1, headersTimeout: ANSWER_BUDGET_MS });
    this.#request = eventRequests(settings);
  }

  get counts(): LoadCounts {
    return { sent: this.#sent, accepted: this.#accepted.count, refused: this.#refused, waiting: this.#waiting };
  }

  /** Sends all events, waits for the answers (30 s at most after the last one) and saves the records. */
  async run(): Promise<LoadDone> {
    const { rate, connections, events, file } = this.#settings;
    const startMs = monotonicMs();
    const pace = rate > 0 ? openLoop(startMs, rate, MAX_WAITING) : closedLoop(connections);
    await everyTick(() => {
      this.#sendDue(pace);
      return this.#sent >= events;
    });
    const endMs = monotonicMs();
    await everyTick(() => this.#waiting === 0 || monotonicMs() - endMs > ANSWER_BUDGET_MS);
    this.#accepted.save(file);
    await this.#pool.destroy();
    return { kind: 'done', counts: this.counts, answers: this.#answers, startMs, endMs };
  }

  #sendDue(pace: Pace): void {
    const nowMs = monotonicMs();
    const due = Math.min(this.#settings.events, pace.due(nowMs, this.#sent, this.#waiting));
    while (this.#sent < due) this.#send(pace);
  }

  #send(pace: Pace): void {
    const n = this.#sent;
    const intendedMs = pace.intendedMs(n, monotonicMs());
    this.#sent += 1;
    this.#waiting += 1;
    const handler = new AnswerHandler((answer) => {
      this.#waiting -= 1;
      this.#record(n, intendedMs, answer);
      // With a fixed rate the clock sends; in a closed loop each answer makes room for the next request.
      if (this.#settings.rate === 0) this.#sendDue(pace);
    });
    this.#pool.dispatch(this.#request(n, Date.now()), handler);
  }

  #record(n: number, intendedMs: number, { status, body, error }: Answer): void {
    const name = error === undefined ? String(status) : `error ${error}`;
    this.#answers[name] = (this.#answers[name] ?? 0) + 1;
    if (status !== 202) {
      this.#refused += 1;
      return;
    }
    const { id } = acceptedSchema.parse(JSON.parse(body));
    this.#accepted.add({ id, tag: n % this.#settings.eventTypes, first: intendedMs, second: monotonicMs() });
  }
}

/** Calls `step` once a millisecond until it says that it is done. */
function everyTick(step: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const tick = (): void => {
      if (step()) resolve();
      else setTimeout(tick, TICK_MS);
    };
    tick();
  });
}
