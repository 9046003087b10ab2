import { type DeliveryId, subjects } from '@waybill/contracts';
import type { Publish, Stored } from './publisher.ts';

export interface RetrySchedule {
  readonly region: string;
  readonly deliveryId: DeliveryId;
  /** When it fires, ms since 1970. A time that has passed fires at once. Granularity is about a second (2.15.1). */
  readonly dueMs: number;
  readonly attempt: number;
  readonly body: string;
  /** The delivery has its place among others; the same for all schedules of one. */
  readonly isOrdered?: boolean | undefined;
}

/**
 * Stores a message schedule (ADR-51) that fires the body onto the region's `retry.due` subject. One per delivery: a new one replaces the old.
 * What fires carries the headers of its schedule, those of a trace too (2.15.1); none is given here, for a late retry is no part of its event's trace: its place is in the body.
 * The server may fire twice around a crash, so who reads it must know (delivery, attempt) again.
 */
export function publishSchedule(publish: Publish, schedule: RetrySchedule): Promise<Stored> {
  const { region, deliveryId, dueMs, attempt, body, isOrdered } = schedule;
  return publish({
    subject: subjects.retrySchedule(region, deliveryId, isOrdered),
    body,
    msgId: `${deliveryId}:${attempt}:${dueMs}`,
    headers: { 'Nats-Schedule': `@at ${new Date(dueMs).toISOString()}`, 'Nats-Schedule-Target': subjects.retryDue(region) },
  });
}
