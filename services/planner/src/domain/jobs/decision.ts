import type { DeliveryId, PlanHead, Scope } from '@waybill/contracts';
import type { PlannedDelivery } from '../make-plan.ts';

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
  readonly owed: readonly { readonly region: string; readonly delivery: PlannedDelivery }[];
  readonly skipped: readonly Skipped[];
  /** It gets a plan even when nothing is owed: an event that was set aside has its end then. */
  readonly isPlanned: boolean;
}

export const NOTHING: Decision = { owed: [], skipped: [], isPlanned: false };
export const skip = (reason: string): Decision => ({ ...NOTHING, skipped: [{ reason }] });

/** What the log says was planned of an item before. */
export interface PlannedItem {
  readonly deliveryIds: ReadonlySet<DeliveryId>;
  /** Number of plans. */
  readonly plans: number;
}

/** What is left to do of an item, and what it counts for. Pure. */
export interface Remainder {
  readonly missing: Decision['owed'];
  /** Whether any plan must be appended. */
  readonly isOpen: boolean;
  /** Deliveries, with those that were planned before, whatever is decided now. */
  readonly done: number;
  readonly skipped: readonly Skipped[];
}

export function remainderOf(decision: Decision, planned: PlannedItem | undefined): Remainder {
  const isKnown = (deliveryId: DeliveryId | undefined): boolean =>
    deliveryId !== undefined && planned?.deliveryIds.has(deliveryId) === true;
  const missing = decision.owed.filter(({ delivery }) => !isKnown(delivery.deliveryId));
  const skipped =
    planned === undefined
      ? decision.skipped
      : decision.skipped.filter(({ deliveryId }) => deliveryId !== undefined && !isKnown(deliveryId));
  const isOpen = missing.length > 0 || (decision.isPlanned && planned === undefined);
  return { missing, isOpen, done: missing.length + (planned?.deliveryIds.size ?? 0), skipped };
}
