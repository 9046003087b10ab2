import { DELIVERY_STATES } from '@waybill/contracts';
import { z } from 'zod';
import type { EventProgressRow } from '../../domain/event-progress.ts';
import { readPlans } from '../../domain/plans.ts';
import { DEAD_LETTER_STATES } from '../../domain/recovery-rows.ts';
import {
  type AttemptRow,
  type ClaimRow,
  type DeliveryRow,
  type EndpointRow,
  EVENT_STATES,
  type EventRow,
  type RegionChangeRow,
} from '../../domain/rows.ts';
import { EVERY_STATE } from '../../domain/totals.ts';
import type { Totals } from '../queries/totals.ts';

export const iso = (ms: number): string => new Date(ms).toISOString();
export const maybeIso = (ms: number | null): string | null => (ms === null ? null : iso(ms));

/** An event as the API shows it. `log` says where its messages lie: in this region's streams, and in the LOG of the region that accepted it. */
export const eventView = (row: EventRow) => ({
  id: row.id,
  tenantId: row.tenant_id,
  eventType: row.event_type,
  source: row.source,
  region: row.region,
  acceptedAt: iso(row.at),
  state: row.state,
  verdict: row.verdict,
  detail: row.detail,
  correlationId: row.correlation_id ?? row.id,
  orderingKey: row.ordering_key,
  version: row.version,
  minCompatible: row.min_compatible,
  deliveryCount: row.delivery_count,
  log: { stream: row.stream || null, acceptedSeq: row.accepted_seq || null, planSeq: row.plan_seq, originSeq: row.origin_seq },
});

/** How the deliveries of an event stand: those without an end, delivered ones, and dead-lettered or denied ones. */
export const progressView = (row: EventProgressRow | undefined) => ({
  open: row?.open_count ?? 0,
  delivered: row?.delivered_count ?? 0,
  failed: row?.failed_count ?? 0,
});

/** The plans of an event: which region must deliver, and which one's planner said so. Of what a job planned, its deliveries tell how many there are. */
export const plansView = (row: EventRow) =>
  readPlans(row.plans).map(({ region, by, at, deliveries, job }) => ({
    region,
    plannedIn: by,
    at: iso(at),
    deliveries: deliveries ?? null,
    jobId: job ?? null,
  }));

/** `jobId`: the job that made it, `replayOf`: in whose place. `takeover`: that another region than the planned one brings the delivery to its end. */
export const deliveryView = (row: DeliveryRow, claim: ClaimRow | undefined) => ({
  id: row.id,
  eventId: row.event_id,
  tenantId: row.tenant_id,
  endpointId: row.endpoint_id,
  eventType: row.event_type,
  region: row.region,
  state: row.state,
  attempts: row.attempts,
  lastHttpStatus: row.last_http_status,
  lastReason: row.last_reason,
  nextAttemptAt: maybeIso(row.next_attempt_at),
  plannedAt: iso(row.at),
  updatedAt: iso(row.updated_at),
  endedAt: maybeIso(row.ended_at),
  endReason: row.end_reason,
  jobId: row.job_id,
  replayOf: row.replay_of,
  takenOverBy: claim?.taken_by ?? null,
  takeover: claim === undefined ? null : { of: claim.taken_from, by: claim.taken_by, epoch: claim.epoch, at: iso(claim.at) },
});

export const attemptView = (row: AttemptRow) => ({
  deliveryId: row.delivery_id,
  attempt: row.number,
  eventId: row.event_id,
  tenantId: row.tenant_id,
  endpointId: row.endpoint_id,
  region: row.region,
  at: iso(row.at),
  durationMs: row.duration_ms,
  connectMs: row.connect_ms,
  firstByteMs: row.first_byte_ms,
  outcome: row.outcome,
  httpStatus: row.http_status,
  reason: row.reason,
  detail: row.detail,
  response: row.response,
});

/** A change of a region. What the fact says of it beside its time and region is added as it is. */
export const regionChangeView = (row: RegionChangeRow) => ({
  ...detailSchema.parse(JSON.parse(row.detail)),
  kind: row.kind,
  region: row.region,
  at: iso(row.at),
  writtenIn: row.origin_region,
});
const detailSchema = z.record(z.string(), z.unknown());

/** An endpoint beside its deliveries: enough to know which one it is. */
export const endpointView = (row: EndpointRow | undefined) =>
  row === undefined ? null : { id: row.id, url: row.url, disabled: row.disabled_reason };

const OUTCOMES = ['accepted', 'retryable', 'rejected'] as const;

/** Counters with a 0 for every state that was never reached. */
export const totalsView = ({ event, delivery, attempt, dead_letter: deadLetter }: Totals) => ({
  events: withZeros(EVENT_STATES, event),
  deliveries: withZeros(DELIVERY_STATES, delivery),
  attempts: withZeros(OUTCOMES, attempt),
  deadLetters: withZeros(DEAD_LETTER_STATES, deadLetter),
});

export const withZeros = (states: readonly string[], totals: Readonly<Record<string, number>>): Record<string, number> => ({
  ...Object.fromEntries([EVERY_STATE, ...states].map((state) => [state, 0])),
  ...totals,
});
