import { randomUUID } from 'node:crypto';
import type { Metrics, WorkLog } from '@waybill/runtime';
import { Api } from '../client/api.ts';
import { arrivedId, type Arrival, canaryRequest, sourceSecretOf } from './canary-event.ts';
import { canaryMetrics, type CanaryMetrics } from './canary-metrics.ts';
import { startCanaryServer } from './canary-server.ts';
import { type Door, Rounds, type RoundsPorts } from './rounds.ts';
import { ANSWER_BUDGET_MS, sendEvent } from './send-event.ts';
import { type CanaryWishes, knowsCanary, setUpCanary } from './set-up.ts';
import { type Outcome, Watch } from './watch.ts';

export interface CanaryOptions extends CanaryWishes {
  /** Asked for each round. */
  readonly doors: () => readonly Door[];
  readonly everyMs: number;
  /** After which an event that did not arrive is lost, in ms; default: 60 s. */
  readonly deliveryMs?: number | undefined;
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  /** Told of every event that ended. */
  readonly work: Pick<WorkLog, 'done' | 'failed'>;
  /** Told how setting up goes. */
  readonly say: (level: 'info' | 'warn', fields: { readonly event: string; readonly [field: string]: unknown }) => void;
}

export interface RunningCanary {
  readonly port: number;
  /** Sends no more, waits most of a second for what is under way, and ends; what did not come back until then is not told. */
  stop(): Promise<void>;
}

const AGAIN_MS = 1_000;
const LAST_WAIT_MS = 700;
const POLL_MS = 20;
const SAY_EVERY_MS = 10_000;
const nowMs = (): number => performance.now();

/**
 * Watches every region from outside: sets its tenant up, then sends one event through each public door at a fixed interval, and waits for them to come back. Nothing
 * is kept: a canary that dies is started again, and what was under way is not counted.
 */
export async function runCanary(options: CanaryOptions): Promise<RunningCanary> {
  const canary = new Canary(options);
  const { host, port, metrics } = options;
  const server = await startCanaryServer({ host, port, metrics, arrived: (arrival) => canary.arrived(arrival) });
  void canary.run();
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    stop: async () => {
      await canary.end();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

class Canary {
  readonly #options: CanaryOptions;
  readonly #sending = new AbortController();
  readonly #awaiting = new AbortController();
  readonly #metrics: CanaryMetrics;
  readonly #watch: Watch;
  readonly #rounds: Rounds;
  #endpointSecret = '';
  #settingUp: Promise<void> | undefined;
  #setUpMs = Number.NEGATIVE_INFINITY;

  constructor(options: CanaryOptions) {
    this.#options = options;
    this.#metrics = canaryMetrics(options.metrics, Date.now);
    const { receiverUrl, deliveryMs } = options;
    this.#watch = new Watch({ awaitsDelivery: receiverUrl !== undefined, deliveryMs, nowMs, ended: (outcome) => this.#ended(outcome) });
    const secret = sourceSecretOf(options.adminKey);
    const ports: RoundsPorts = {
      doors: () => this.#doors(),
      isKnown: (door) => knowsCanary(this.#api(door)),
      send: (door, id) => sendEvent(door, canaryRequest(secret, { id, region: door.region, nowMs: Date.now() }), this.#awaiting.signal),
      newId: () => `canary_${randomUUID()}`,
      unknown: () => void this.#setUp(),
      pause: (ms) => this.#pause(ms),
      nowMs,
      everyMs: options.everyMs,
    };
    this.#rounds = new Rounds(ports, this.#watch);
  }

  /** Until it is ended. */
  async run(): Promise<void> {
    await this.#setUp();
    await this.#rounds.run(this.#sending.signal);
  }

  async end(): Promise<void> {
    this.#sending.abort();
    const deadline = nowMs() + LAST_WAIT_MS;
    while (!this.#watch.isQuiet && nowMs() < deadline) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    this.#awaiting.abort();
  }

  /** False for what did not come from the canary's own endpoint. */
  arrived(arrival: Arrival): boolean {
    const id = arrivedId(this.#endpointSecret, arrival);
    if (id !== undefined) this.#watch.arrived(id);
    // Somebody gave the endpoint another secret, or it is a stranger: looking costs little.
    else if (this.#endpointSecret !== '') void this.#setUp();
    return id !== undefined;
  }

  #doors(): readonly Door[] {
    const doors = this.#options.doors();
    for (const { region } of doors) this.#metrics.watched(region);
    return doors;
  }

  #ended(outcome: Outcome): void {
    if (this.#awaiting.signal.aborted) return;
    this.#metrics.ended(outcome);
    const { region, result, ackMs, deliveryMs, status, reason, eventId } = outcome;
    // An endpoint that failed for days is disabled, and nobody but the canary would enable it again.
    if (result === 'lost') void this.#setUp();
    const isFine = result === 'delivered' || result === 'accepted';
    const durationMs = Math.round(deliveryMs ?? ackMs);
    this.#options.work[isFine ? 'done' : 'failed']({
      work: 'canary',
      outcome: result,
      durationMs,
      origin: region,
      status,
      reason,
      eventId,
    });
  }

  /** One at a time, at most once a round, whoever makes it necessary; and again until a region has answered. */
  async #setUp(): Promise<void> {
    if (nowMs() - this.#setUpMs < this.#options.everyMs) return;
    this.#settingUp ??= this.#trySetUp().finally(() => {
      this.#settingUp = undefined;
    });
    await this.#settingUp;
  }

  async #trySetUp(): Promise<void> {
    const { say } = this.#options;
    for (let saidMs = -SAY_EVERY_MS; !this.#sending.signal.aborted; await this.#pause(AGAIN_MS)) {
      const errors: string[] = [];
      for (const door of this.#doors()) {
        try {
          this.#endpointSecret = await setUpCanary(this.#api(door), this.#options);
          this.#setUpMs = nowMs();
          say('info', { event: 'canary.set_up', origin: door.region });
          return;
        } catch (error) {
          errors.push(`${door.region}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      if (nowMs() - saidMs < SAY_EVERY_MS) continue;
      saidMs = nowMs();
      say('warn', { event: 'canary.waiting', detail: errors.join('; ') || 'there is no region yet' });
    }
  }

  #api({ url }: Door): Api {
    return new Api(url, this.#options.adminKey, ANSWER_BUDGET_MS);
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#sending;
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
