import { assertNever, type Consequence, type DeliveryState } from '@waybill/contracts';
import type { FactOf } from './fact.ts';
import { newDelivery } from './fold-event.ts';
import type { AttemptRow, DeadLetterRow, DeliveryRow } from './rows.ts';
import type { WorkingSet } from './working-set.ts';

const OVER: ReadonlySet<DeliveryState> = new Set(['delivered', 'dead_lettered', 'denied', 'superseded']);

/** What names an attempt. */
export const attemptIdOf = (deliveryId: string, number: number): string => `${deliveryId}.${number}`;

/**
 * An attempt gets its row, once. It moves its delivery only forward: not after an end, and not by an attempt older than the newest known,
 * so that facts of several regions may arrive in any order.
 */
export function foldAttempted(set: WorkingSet, { fact, atMs }: FactOf<'delivery.attempted'>): void {
  const row = set.delivery(fact.deliveryId) ?? newDelivery({ ...fact, eventType: '' }, atMs);
  const attempt = attemptRow(fact);
  const attemptId = attemptIdOf(fact.deliveryId, fact.attempt);
  if (!set.hasAttempt(attemptId)) set.attempts.set(attemptId, attempt);
  if (OVER.has(row.state) || fact.attempt <= row.attempts) return;
  const tried: DeliveryRow = { ...row, attempts: fact.attempt, last_http_status: attempt.http_status, last_reason: attempt.reason };
  follow(set, tried, fact.next, { at: atMs, detail: attempt.detail });
}

/** The end of a delivery that was not tried (again). */
export function foldDeliveryRefused(set: WorkingSet, { fact, atMs }: FactOf<'delivery.refused'>): void {
  const row = set.delivery(fact.deliveryId) ?? newDelivery({ ...fact, eventType: '' }, atMs);
  if (!OVER.has(row.state)) follow(set, row, fact.next, { at: atMs, detail: null });
}

function follow(set: WorkingSet, row: DeliveryRow, next: Consequence, { at, detail }: { at: number; detail: string | null }): void {
  switch (next.kind) {
    case 'delivered':
      return set.setDelivery({ ...row, state: 'delivered', next_attempt_at: null, updated_at: at, ended_at: at });
    case 'retry':
      return set.setDelivery({ ...row, state: 'retrying', next_attempt_at: Date.parse(next.at), updated_at: at });
    case 'dead_lettered':
    case 'denied': {
      const ended: DeliveryRow = { ...row, state: next.kind, next_attempt_at: null, updated_at: at, ended_at: at, end_reason: next.reason };
      set.setDelivery(ended);
      return set.bury(deadDelivery(ended, next.reason, detail, at));
    }
    default:
      return assertNever(next);
  }
}

function attemptRow(fact: FactOf<'delivery.attempted'>['fact']): AttemptRow {
  const { outcome } = fact;
  const failed = outcome.kind === 'accepted' ? undefined : outcome;
  return {
    delivery_id: fact.deliveryId,
    number: fact.attempt,
    event_id: fact.eventId,
    tenant_id: fact.tenantId,
    endpoint_id: fact.endpointId,
    region: fact.region,
    at: Date.parse(fact.at),
    duration_ms: Math.round(fact.durationMs),
    outcome: outcome.kind,
    http_status: outcome.httpStatus ?? null,
    reason: failed?.reason ?? null,
    detail: failed?.detail ?? null,
    response: fact.response ?? null,
  };
}

const deadDelivery = (row: DeliveryRow, reason: string, detail: string | null, at: number): DeadLetterRow => ({
  id: row.id,
  kind: 'delivery',
  at,
  tenant_id: row.tenant_id,
  endpoint_id: row.endpoint_id,
  event_id: row.event_id,
  event_type: row.event_type,
  region: row.region,
  reason,
  detail: detail ?? row.last_reason,
  http_status: row.last_http_status,
});
