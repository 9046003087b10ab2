import type { DeliveryId } from '@waybill/contracts';
import { eventTimeMs } from '../event-time.ts';

/**
 * That a region took a delivery on itself: by claiming it from another one, or by planning the event in place of the region that accepted it. It counts
 * for more than the plan of the accepting region. `atMs`: when it did, ms since 1970.
 */
export interface Hold {
  readonly by: string;
  readonly atMs: number;
}

/**
 * The hold that counts: the newer one, with equal times that of the region whose id sorts last, so that all regions agree. Two takeovers of one delivery
 * lie seconds apart (a lease must run out or an operator must act in between), so clocks that differ by less put them in the right order.
 */
export function newerHold(one: Hold | undefined, other: Hold): Hold {
  if (one === undefined) return other;
  if (one.atMs !== other.atMs) return one.atMs > other.atMs ? one : other;
  return one.by > other.by ? one : other;
}

const EVENT_PART = /^dlv_([0-9a-z]{26})/;

/** When the event of a delivery was accepted, in ms since 1970, as the delivery's id says; undefined for ids of another making. */
export function deliveryTimeMs(deliveryId: DeliveryId): number | undefined {
  const [, event] = EVENT_PART.exec(deliveryId) ?? [];
  return event === undefined ? undefined : eventTimeMs(`evt_${event}`);
}
