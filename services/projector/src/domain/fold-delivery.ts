import type { Consequence, DeliveryState, PlanHead, Scope, TargetDenial } from '@waybill/contracts';
import type { FactOf } from './fact.ts';
import { foldReplaced, settledBy, withResolution } from './fold-resolution.ts';
import { order } from './plans.ts';
import type { Settled } from './recovery-rows.ts';
import type { AttemptRow, DeadLetterRow, DeliveryRow } from './rows.ts';
import type { AttemptMark, WorkingSet } from './working-set.ts';

const OVER: ReadonlySet<DeliveryState> = new Set(['delivered', 'dead_lettered', 'denied', 'superseded']);

/**
 * A planned delivery gets its row; one that was tried or ended before its plan was read gets what only the plan knows. True when no plan that was
 * read before named it. While it is only planned, it belongs to the region of the newest plan. The delivery in whose place it is made is superseded.
 */
export function foldPlannedDelivery(set: WorkingSet, plan: FactOf<'plan.made'>, planned: PlanHead['deliveries'][number]): boolean {
  const { fact, scope } = plan;
  const { eventId, tenantId, eventType } = fact.event;
  const at = Date.parse(fact.at);
  const made = madeBy(plan, planned);
  if (planned.replayOf !== undefined) foldReplaced(set, plan, planned.replayOf);
  const known = set.delivery(planned.deliveryId);
  if (known === undefined) {
    set.setDelivery(newDelivery({ ...planned, eventId, tenantId, region: fact.region, scope }, { eventType, at }, made));
    return true;
  }
  if (known.event_type === '') {
    set.setDelivery({ ...known, event_type: eventType, at, ...made });
    const dead = set.deadLetter(known.id);
    if (dead !== undefined) set.bury({ ...dead, event_type: eventType });
    return true;
  }
  const named = namedAgain(known, made);
  const isNewer = known.state === 'planned' && (at - known.updated_at || order(fact.region, known.region)) > 0;
  const first = Math.min(known.at, at);
  if (isNewer) set.setDelivery({ ...named, at: first, updated_at: at, region: fact.region });
  else if (first < known.at) set.setDelivery({ ...named, at: first });
  else keep(set, named);
  return false;
}

type Made = Pick<DeliveryRow, 'job_id' | 'replay_of' | 'plan_stream' | 'plan_seq'>;
const UNPLANNED: Made = { job_id: null, replay_of: null, plan_stream: null, plan_seq: null };

function madeBy({ fact, stream, seq }: FactOf<'plan.made'>, { replayOf }: PlanHead['deliveries'][number]): Made {
  const place = { plan_stream: stream, plan_seq: seq };
  if (fact.replay === undefined) return { job_id: null, replay_of: null, ...place };
  return { job_id: fact.replay.jobId, replay_of: replayOf ?? null, ...place };
}

/** What one more plan says of a delivery: it is looked for there from then on. What a planner named by itself is no job's; of two jobs the smaller id counts. */
function namedAgain(known: DeliveryRow, made: Made): DeliveryRow {
  const { plan_stream, plan_seq } = made;
  const isMade = known.job_id !== null && orderOfJobs(made, known) < 0;
  if (!isMade && known.plan_stream === plan_stream && known.plan_seq === plan_seq) return known;
  return isMade ? { ...known, ...made } : { ...known, plan_stream, plan_seq };
}

/** No job comes before every job. */
const orderOfJobs = (left: Made, right: Made): number =>
  order(left.job_id ?? '', right.job_id ?? '') || order(left.replay_of ?? '', right.replay_of ?? '');

interface NewDelivery {
  readonly deliveryId: string;
  readonly eventId: string;
  readonly tenantId: string;
  readonly endpointId: string;
  readonly region: string;
  readonly scope: Scope;
}

const newDelivery = (of: NewDelivery, { eventType, at }: { eventType: string; at: number }, made: Made): DeliveryRow => ({
  id: of.deliveryId,
  event_id: of.eventId,
  tenant_id: of.tenantId,
  endpoint_id: of.endpointId,
  event_type: eventType,
  region: of.region,
  scope: of.scope,
  at,
  state: 'planned',
  attempts: 0,
  last_http_status: null,
  last_reason: null,
  next_attempt_at: null,
  updated_at: at,
  ended_at: null,
  end_reason: null,
  job_id: made.job_id,
  replay_of: made.replay_of,
  plan_stream: made.plan_stream,
  plan_seq: made.plan_seq,
});

/** The row of a delivery that a fact tells of; `at` is the earliest known time until the plan is read. */
function rowOf(set: WorkingSet, of: NewDelivery, at: number): DeliveryRow {
  const known = set.delivery(of.deliveryId);
  if (known === undefined) return newDelivery(of, { eventType: '', at }, UNPLANNED);
  return known.event_type === '' && at < known.at ? { ...known, at } : known;
}

/**
 * An attempt gets its row, once for each region that made it. The newest one of all regions tells how the delivery stands, unless it has ended: then
 * the end does. So the facts of several regions may arrive in any order.
 */
export function foldAttempted(set: WorkingSet, { fact, scope }: FactOf<'delivery.attempted'>): void {
  const attempt = attemptRow(fact, scope);
  const row = rowOf(set, { ...fact, scope }, attempt.at);
  const isNewest = set.addAttempt(attempt) && set.isNewestAttempt(attempt, comesAfter);
  const tried = isNewest ? withAttempt(row, attempt, fact.next) : row;
  if (fact.next.kind === 'retry') return keep(set, tried);
  const { detail, http_status } = attempt;
  endWith(set, tried, { next: fact.next, at: doneAt(attempt), region: fact.region, detail, http_status });
}

const doneAt = ({ at, duration_ms }: AttemptMark): number => at + duration_ms;
const comesAfter = (left: AttemptMark, right: AttemptMark): boolean =>
  (left.number - right.number || doneAt(left) - doneAt(right) || order(left.region, right.region)) > 0;

function withAttempt(row: DeliveryRow, attempt: AttemptRow, next: Consequence): DeliveryRow {
  const tried: DeliveryRow = { ...row, attempts: attempt.number, last_http_status: attempt.http_status, last_reason: attempt.reason };
  if (OVER.has(row.state) || next.kind !== 'retry') return tried;
  return { ...tried, state: 'retrying', region: attempt.region, updated_at: doneAt(attempt), next_attempt_at: Date.parse(next.at) };
}

/** The end of a delivery that was not tried (again). */
export function foldDeliveryRefused(set: WorkingSet, { fact, scope }: FactOf<'delivery.refused'>): void {
  const at = Date.parse(fact.at);
  endWith(set, rowOf(set, { ...fact, scope }, at), { next: fact.next, at, region: fact.region, detail: null, http_status: null });
}

/** A target of a run that was denied when it was decided: a delivery that no plan names. */
export function foldDeniedTarget(
  set: WorkingSet,
  of: NewDelivery,
  { reason, detail, at, eventType }: { reason: TargetDenial; detail: string; at: number; eventType: string },
): void {
  const known = set.delivery(of.deliveryId);
  const row = known === undefined ? newDelivery(of, { eventType, at }, UNPLANNED) : at < known.at ? { ...known, at } : known;
  endWith(set, row, { next: { kind: 'denied', reason }, at, region: of.region, detail, http_status: null });
}

interface End extends Pick<DeadLetterRow, 'at' | 'region' | 'detail' | 'http_status'> {
  readonly next: Exclude<Consequence, { kind: 'retry' }>;
}

/** Of several ends a success counts, then the earliest: what one region delivered is no dead letter of another. */
function endWith(set: WorkingSet, row: DeliveryRow, end: End): void {
  if (!isBetterEnd(end, row)) return keep(set, row);
  const { next, at, region } = end;
  const reason = next.kind === 'delivered' ? null : next.reason;
  const ended: DeliveryRow = { ...row, state: next.kind, region, next_attempt_at: null, updated_at: at, ended_at: at, end_reason: reason };
  const resolution = reason === null ? undefined : set.resolution(row.id);
  set.setDelivery(withResolution(ended, resolution));
  if (reason !== null) set.bury({ ...deadDelivery(ended, reason, end), ...settledBy(resolution) });
  else if (OVER.has(row.state)) set.revive(row.id);
}

function isBetterEnd({ next, at, region }: End, row: DeliveryRow): boolean {
  if (!OVER.has(row.state)) return true;
  const rank = Number(row.state === 'delivered') - Number(next.kind === 'delivered');
  return (rank || at - (row.ended_at ?? 0) || order(region, row.region)) < 0;
}

function keep(set: WorkingSet, row: DeliveryRow): void {
  if (row !== set.delivery(row.id)) set.setDelivery(row);
}

const whole = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms));

function attemptRow(fact: FactOf<'delivery.attempted'>['fact'], scope: Scope): AttemptRow {
  const { outcome } = fact;
  const failed = outcome.kind === 'accepted' ? undefined : outcome;
  return {
    delivery_id: fact.deliveryId,
    number: fact.attempt,
    event_id: fact.eventId,
    tenant_id: fact.tenantId,
    endpoint_id: fact.endpointId,
    region: fact.region,
    scope,
    at: Date.parse(fact.at),
    duration_ms: Math.round(fact.durationMs),
    connect_ms: whole(fact.phases?.connectMs),
    first_byte_ms: whole(fact.phases?.firstByteMs),
    outcome: outcome.kind,
    http_status: outcome.httpStatus ?? null,
    reason: failed?.reason ?? null,
    detail: failed?.detail ?? null,
    response: fact.response ?? null,
  };
}

const deadDelivery = (row: DeliveryRow, reason: string, end: End): Omit<DeadLetterRow, keyof Settled> => ({
  id: row.id,
  kind: 'delivery',
  at: end.at,
  tenant_id: row.tenant_id,
  endpoint_id: row.endpoint_id,
  event_id: row.event_id,
  event_type: row.event_type,
  region: end.region,
  scope: row.scope,
  reason,
  detail: end.detail,
  http_status: end.http_status,
});
