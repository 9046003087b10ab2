import { AttemptRate } from './attempt-rate.ts';
import { CLOSED, type Circuit } from './circuit.ts';

/** First attempts go before retries wherever both want the same place. */
export type Priority = 'first' | 'retry';

/** What asks to be sent to an endpoint. */
export interface Ask {
  readonly endpointId: string;
  readonly priority: Priority;
  /** Starts per second that the endpoint allows; absent: any. */
  readonly rateLimit?: number | undefined;
  /** How often this attempt was put off already. */
  readonly parked: number;
}

/** Somebody who waits for a place in a lane. */
export interface Waiter<Answer> {
  readonly ask: Ask;
  readonly sinceMs: number;
  readonly answer: (answer: Answer) => void;
}

const LEARNING = 0.2;

/** The state of one endpoint while it is being sent to, or has failed lately. */
export class Lane<Answer> {
  readonly first: Waiter<Answer>[] = [];
  readonly retry: Waiter<Answer>[] = [];
  readonly rate = new AttemptRate();
  circuit: Circuit = CLOSED;
  inFlight = 0;
  retriesInFlight = 0;
  usedMs = 0;
  /** When an attempt last started or ended here. */
  movedMs = 0;
  /** Nothing starts here before that, ms since 1970. */
  pausedUntilMs = 0;
  #serviceMs: number | undefined;

  get waiting(): number {
    return this.first.length + this.retry.length;
  }

  queueOf(priority: Priority): Waiter<Answer>[] {
    return priority === 'first' ? this.first : this.retry;
  }

  /** Whether nothing has started or ended for so long while something is under way. */
  isStalled(nowMs: number, forMs: number): boolean {
    return this.inFlight > 0 && nowMs - this.movedMs >= forMs;
  }

  /** Learns how long one attempt takes here: a moving average, for the receiver's speed changes. */
  learn(tookMs: number): void {
    this.#serviceMs = this.#serviceMs === undefined ? tookMs : this.#serviceMs + (tookMs - this.#serviceMs) * LEARNING;
  }

  /** How long one more would wait at this pace, in ms, with so many at once; undefined as long as nothing was learnt. */
  expectedWaitMs(atOnce: number): number | undefined {
    return this.#serviceMs === undefined ? undefined : ((this.waiting + 1) * this.#serviceMs) / atOnce;
  }

  /** Attempts that end here per second, with so many at once; undefined as long as nothing was learnt. */
  pacePerSecond(atOnce: number): number | undefined {
    return this.#serviceMs === undefined ? undefined : (atOnce * 1000) / Math.max(1, this.#serviceMs);
  }

  /** Whether forgetting this lane changes nothing: nobody is in it and nothing that counts is remembered. */
  isForgettable(nowMs: number, idleMs: number, failedIdleMs: number): boolean {
    if (this.inFlight > 0 || this.waiting > 0 || nowMs < this.pausedUntilMs || this.rate.hasQueue(nowMs)) return false;
    const clean = this.circuit.kind === 'closed' && this.circuit.failures === 0;
    return nowMs - this.usedMs > (clean ? idleMs : failedIdleMs);
  }
}
