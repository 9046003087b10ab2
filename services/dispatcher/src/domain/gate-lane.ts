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

/** The state of one endpoint while it is being sent to, or has failed lately. */
export class Lane<Answer> {
  readonly first: Waiter<Answer>[] = [];
  readonly retry: Waiter<Answer>[] = [];
  readonly rate = new AttemptRate();
  circuit: Circuit = CLOSED;
  inFlight = 0;
  retriesInFlight = 0;
  usedMs = 0;

  get waiting(): number {
    return this.first.length + this.retry.length;
  }

  queueOf(priority: Priority): Waiter<Answer>[] {
    return priority === 'first' ? this.first : this.retry;
  }

  /** Whether forgetting this lane changes nothing: nobody is in it and nothing that counts is remembered. */
  isForgettable(nowMs: number, idleMs: number, failedIdleMs: number): boolean {
    if (this.inFlight > 0 || this.waiting > 0 || this.rate.hasQueue(nowMs)) return false;
    const clean = this.circuit.kind === 'closed' && this.circuit.failures === 0;
    return nowMs - this.usedMs > (clean ? idleMs : failedIdleMs);
  }
}
