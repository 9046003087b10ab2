import type { DeliveryId, PlanHead, Scope } from '@waybill/contracts';
import type { Owed } from '../owed.ts';

/** An old event, as far as its plans repeat it. */
export interface OldEvent {
  readonly about: PlanHead['event'];
  /** Sequence in the LOG of `about.region`. */
  readonly acceptedSeq: number;
  readonly scope: Scope;
  readonly data: Uint8Array;
}

/** A delivery that is not made. Without an id: nobody knows which it would have been. */
export interface Skipped {
  readonly reason: string;
  readonly deliveryId?: DeliveryId;
}

/** What an item of a job leads to now. `event` is absent when nothing may be planned of it. */
export interface Decision {
  readonly event?: OldEvent | undefined;
  readonly owed: readonly Owed[];
  readonly skipped: readonly Skipped[];
  /** It gets a plan even when nothing is owed: an event that was set aside has its end then. */
  readonly isPlanned: boolean;
}

export const NOTHING: Decision = { owed: [], skipped: [], isPlanned: false };
export const skip = (reason: string): Decision => ({ ...NOTHING, skipped: [{ reason }] });

/** What is left to do of an item, and what it counts for. */
export interface Remainder {
  readonly missing: Decision['owed'];
  /** Whether any plan must be appended. */
  readonly isOpen: boolean;
  /** Deliveries, with those that were planned before, whatever is decided now. */
  readonly done: number;
  readonly skipped: readonly Skipped[];
}

/** Compares what an item leads to with the plans that the log has of it. Pure. */
export function remainderOf(decision: Decision, planned: readonly PlanHead[] = []): Remainder {
  const known = new Set(planned.flatMap(({ deliveries }) => deliveries.map(({ deliveryId }) => deliveryId)));
  const isPlanned = planned.length > 0;
  const missing = decision.owed.filter(({ delivery }) => !known.has(delivery.deliveryId));
  const skipped = decision.skipped.filter(({ deliveryId }) => !isPlanned || (deliveryId !== undefined && !known.has(deliveryId)));
  const isOpen = missing.length > 0 || (decision.isPlanned && !isPlanned);
  return { missing, isOpen, done: missing.length + known.size, skipped };
}
