import type { PlanHead } from '@waybill/contracts';
import type { FactOf } from './fact.ts';
import type { DeadLetterRow, DeliveryRow, EventRow } from './rows.ts';
import type { WorkingSet } from './working-set.ts';

/** An accepted event gets its row; a repeat changes nothing. */
export function foldAccepted(set: WorkingSet, { fact, stream, seq, atMs }: FactOf<'event.accepted'>): void {
  if (set.event(fact.eventId) !== undefined) return;
  set.setEvent({
    id: fact.eventId,
    tenant_id: fact.tenantId,
    event_type: fact.eventType,
    source: fact.source,
    region: fact.region,
    at: atMs,
    state: 'accepted',
    verdict: null,
    detail: null,
    correlation_id: fact.correlationId === fact.eventId ? null : fact.correlationId,
    ordering_key: fact.orderingKey ?? null,
    stream,
    accepted_seq: seq,
    plan_seq: null,
    delivery_count: 0,
  });
}

/** A refusal ends an event that was not planned. */
export function foldRefused(set: WorkingSet, refusal: FactOf<'event.refused'>): void {
  const { fact, atMs } = refusal;
  const row = set.event(refusedIdOf(refusal)) ?? eventOfRefusal(refusal);
  if (row.state !== 'accepted') return;
  set.setEvent({ ...row, state: 'refused', verdict: fact.verdict, detail: fact.detail });
  set.bury(deadEvent(row, fact.verdict, fact.detail, atMs));
}

/** The id of a refused event's row. A message that could not be read may name no event, and still needs a row of its own. */
export const refusedIdOf = ({ fact, stream }: FactOf<'event.refused'>): string =>
  fact.eventId === '' ? `${stream}.${fact.seq}` : fact.eventId;

function eventOfRefusal(refusal: FactOf<'event.refused'>): EventRow {
  const { fact, stream, atMs } = refusal;
  return {
    id: refusedIdOf(refusal),
    tenant_id: fact.tenantId,
    event_type: fact.eventType,
    source: 'unknown',
    region: fact.region,
    at: atMs,
    state: 'accepted',
    verdict: null,
    detail: null,
    correlation_id: null,
    ordering_key: null,
    stream,
    accepted_seq: fact.seq,
    plan_seq: null,
    delivery_count: 0,
  };
}

const deadEvent = (row: EventRow, reason: string, detail: string, at: number): DeadLetterRow => ({
  id: row.id,
  kind: 'event',
  at,
  tenant_id: row.tenant_id,
  endpoint_id: null,
  event_id: row.id,
  event_type: row.event_type,
  region: row.region,
  reason,
  detail,
  http_status: null,
});

/**
 * A plan adds its deliveries to those that are known; a repeat adds none. There may be one plan per region.
 * A plan for a refused event means that a newer reader took it up: the dead letter goes.
 */
export function foldPlan(set: WorkingSet, plan: FactOf<'plan.made'>): void {
  const { fact, seq } = plan;
  const row = set.event(fact.event.eventId) ?? eventOfPlan(plan);
  const added = fact.deliveries.filter(({ deliveryId, endpointId }) => addDelivery(set, plan, deliveryId, endpointId)).length;
  const deliveryCount = row.delivery_count + added;
  const state = deliveryCount > 0 ? 'planned' : 'unmatched';
  if (row.state === state && added === 0) return;
  if (row.state === 'refused') set.revive(row.id);
  set.setEvent({ ...row, state, verdict: null, detail: null, delivery_count: deliveryCount, plan_seq: row.plan_seq ?? seq });
}

function eventOfPlan({ fact, stream, atMs }: FactOf<'plan.made'>): EventRow {
  const { event }: PlanHead = fact;
  return {
    id: event.eventId,
    tenant_id: event.tenantId,
    event_type: event.eventType,
    source: event.source,
    region: event.region,
    at: atMs,
    state: 'accepted',
    verdict: null,
    detail: null,
    correlation_id: event.correlationId === event.eventId ? null : event.correlationId,
    ordering_key: event.orderingKey ?? null,
    stream,
    accepted_seq: fact.acceptedSeq,
    plan_seq: null,
    delivery_count: 0,
  };
}

/** True when the delivery belongs to no plan seen before. */
function addDelivery(set: WorkingSet, { fact, atMs }: FactOf<'plan.made'>, deliveryId: string, endpointId: string): boolean {
  const known = set.delivery(deliveryId);
  if (known !== undefined && known.event_type !== '') return false;
  const { event, region } = fact;
  set.setDelivery(
    known === undefined
      ? newDelivery({ deliveryId, endpointId, eventId: event.eventId, tenantId: event.tenantId, eventType: event.eventType, region }, atMs)
      : { ...known, event_type: event.eventType },
  );
  return true;
}

export interface NewDelivery {
  readonly deliveryId: string;
  readonly eventId: string;
  readonly tenantId: string;
  readonly endpointId: string;
  readonly eventType: string;
  readonly region: string;
}

/** A delivery that was planned and not tried yet. */
export const newDelivery = (of: NewDelivery, at: number): DeliveryRow => ({
  id: of.deliveryId,
  event_id: of.eventId,
  tenant_id: of.tenantId,
  endpoint_id: of.endpointId,
  event_type: of.eventType,
  region: of.region,
  at,
  state: 'planned',
  attempts: 0,
  last_http_status: null,
  last_reason: null,
  next_attempt_at: null,
  updated_at: at,
  ended_at: null,
  end_reason: null,
});
