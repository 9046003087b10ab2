import type { AttemptOutcome, Consequence, DeliveryAttempted, Endpoint, DueDelivery } from '@waybill/contracts';
import type { LoadPayload, Payload } from './payload.ts';
import type { TracePlace } from '../domain/trace-place.ts';
import type { OnCutOff } from './attempt-ports.ts';
import type { AttemptResult } from './endpoint-gate.ts';

/** What one attempt gave, and what follows. `result`: what it says about the endpoint. */
export interface Sent {
  readonly kind: 'sent';
  readonly startedMs: number;
  readonly endedMs: number;
  readonly outcome: AttemptOutcome;
  readonly next: Consequence;
  readonly result: AttemptResult;
  readonly response?: string | undefined;
  readonly phases?: DeliveryAttempted['phases'];
}

/**
 * What became of a delivery: an attempt; or none, because it must wait, may not be made here now, or has lost its payload;
 * or the process stops.
 */
export type Told =
  | Sent
  /** `paused`: because the receiver asked for it. */
  | { readonly kind: 'parked'; readonly dueMs: number; readonly reason?: 'paused' }
  | { readonly kind: 'forbidden' }
  | { readonly kind: 'payload_lost' }
  | { readonly kind: 'stopped' };

/** A delivery before it has a place to be sent from. */
export interface Early {
  readonly due: DueDelivery;
  readonly loadPayload: LoadPayload;
  /** To be asked right before anything is done, with nothing awaited in between. */
  readonly mayDeliver: () => boolean;
}

/** A delivery that has a place. */
export interface Sending extends Omit<Early, 'loadPayload'> {
  readonly endpoint: Endpoint;
  readonly payload: Payload;
  readonly onCutOff: OnCutOff;
  /** Absent: not recorded. */
  readonly trace?: TracePlace | undefined;
}

/** How the deliveries of one kind go out. Both reject only when the process stops. */
export interface Channel {
  /** What can be told without a place; undefined: a place is needed. */
  before?(early: Early): Promise<Told | undefined>;
  send(sending: Sending): Promise<Told>;
}
