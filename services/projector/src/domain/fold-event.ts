import { type PlanHead, type Scope, streamNames } from '@waybill/contracts';
import { eventTimeMs } from './event-time.ts';
import type { AcceptedEvent, FactOf } from './fact.ts';
import { foldPlannedDelivery } from './fold-delivery.ts';
import { settledEvent } from './fold-resolution.ts';
import { isPlannedByJobsOnly, order, withPlan } from './plans.ts';
import type { Settled } from './recovery-rows.ts';
import type { DeadLetterRow, EventRow } from './rows.ts';
import type { WorkingSet } from './working-set.ts';

/** What an event is, apart from what became of it. An accepted event tells it best, then a plan, then a refusal. */
type Identity = Pick<EventRow, 'tenant_id' | 'event_type' | 'source' | 'region' | 'at' | 'correlation_id' | 'ordering_key'>;
type Versions = Pick<EventRow, 'version' | 'min_compatible'>;

/** An accepted event gets its row. When it is read again, at another place of a stream that was made anew, it is looked for there from then on. */
export function foldAccepted(set: WorkingSet, { fact, stream, seq, origin, scope }: FactOf<'event.accepted'>): void {
  const known = set.event(fact.eventId);
  if (known?.stream === stream && known.accepted_seq === seq) return;
  const place = { stream, accepted_seq: seq, origin_seq: Math.min(known?.origin_seq ?? origin.seq, origin.seq), ...versionsOf(fact) };
  if (known === undefined) return set.setEvent({ ...newEvent(fact.eventId, scope), ...identityOf(fact, fact.timestamp), ...place });
  const row: EventRow = known.accepted_seq === 0 ? { ...known, ...identityOf(fact, fact.timestamp), ...place } : { ...known, ...place };
  set.setEvent(row);
  const dead = deadLetterOf(set, row);
  if (dead !== undefined) set.bury({ ...dead, ...shownOf(row) });
}

const versionsOf = ({ version, minCompatible }: AcceptedEvent): Versions => ({
  version: version ?? null,
  min_compatible: minCompatible ?? null,
});

/** The dead letter of an event that is or was set aside: it stays where jobs alone planned the event afterwards. */
const deadLetterOf = (set: WorkingSet, row: EventRow): DeadLetterRow | undefined => (isSetAside(row) ? set.deadLetter(row.id) : undefined);

/** Whether an event may have a dead letter. */
export const isSetAside = ({ state, plans }: EventRow): boolean => state === 'refused' || isPlannedByJobsOnly(plans);

const shownOf = ({ tenant_id, event_type, region }: EventRow): Pick<DeadLetterRow, 'tenant_id' | 'event_type' | 'region'> => ({
  tenant_id,
  event_type,
  region,
});

interface Described {
  readonly eventId: string;
  readonly tenantId: string;
  readonly eventType: string;
  readonly source: string;
  readonly region: string;
  readonly correlationId: string;
  readonly orderingKey?: string | undefined;
}

const identityOf = (event: Described, ...times: readonly (string | undefined)[]): Identity => ({
  tenant_id: event.tenantId,
  event_type: event.eventType,
  source: event.source,
  region: event.region,
  at: eventTimeMs(event.eventId, ...times),
  correlation_id: event.correlationId === event.eventId ? null : event.correlationId,
  ordering_key: event.orderingKey ?? null,
});

const newEvent = (id: string, scope: Scope) =>
  ({
    id,
    scope,
    state: 'accepted',
    verdict: null,
    detail: null,
    stream: '',
    accepted_seq: 0,
    plan_seq: null,
    delivery_count: 0,
    plans: null,
    version: null,
    min_compatible: null,
  }) as const;

/** A refusal ends an event that was not planned; one that a job planned stays so, and has a dead letter that was redriven. Of two refusals the earlier one stays. */
export function foldRefused(set: WorkingSet, refusal: FactOf<'event.refused'>): void {
  const { fact } = refusal;
  const known = set.event(refusedIdOf(refusal));
  const row = withVersion(withOrigin(known ?? eventOfRefusal(refusal), fact.seq), fact.version);
  const isPlanned = row.state === 'planned' || row.state === 'unmatched';
  const dead = deadLetterOf(set, row);
  const isOver = (isPlanned && !isSetAside(row)) || (dead !== undefined && !isEarlier(refusal, dead));
  if (isOver) return row === known ? undefined : set.setEvent(row);
  set.setEvent(isPlanned ? row : { ...row, state: 'refused', verdict: fact.verdict, detail: fact.detail });
  set.bury({ ...deadEvent(row, refusal), ...settledEvent(row.plans, set.resolution(row.id)) });
}

/** Who refused an event knew its version; the event itself tells it best. */
const withVersion = (row: EventRow, version: number): EventRow =>
  row.version === null && row.accepted_seq === 0 && Number.isSafeInteger(version) ? { ...row, version } : row;

const withOrigin = (row: EventRow, seq: number): EventRow => (seq < row.origin_seq ? { ...row, origin_seq: seq } : row);

function isEarlier({ fact }: FactOf<'event.refused'>, dead: DeadLetterRow): boolean {
  return (Date.parse(fact.at) - dead.at || order(fact.verdict, dead.reason) || order(fact.detail, dead.detail ?? '')) < 0;
}

/** The id of a refused event's row. A message that could not be read may name no event, and still needs a row of its own. */
export const refusedIdOf = ({ fact }: FactOf<'event.refused'>): string =>
  fact.eventId === '' ? `${streamNames(fact.region).log}.${fact.seq}` : fact.eventId;

function eventOfRefusal(refusal: FactOf<'event.refused'>): EventRow {
  const { fact, scope } = refusal;
  const described = { ...fact, source: 'unknown', correlationId: fact.eventId };
  return { ...newEvent(refusedIdOf(refusal), scope), ...identityOf(described, fact.at), origin_seq: fact.seq };
}

const deadEvent = (row: EventRow, { fact }: FactOf<'event.refused'>): Omit<DeadLetterRow, keyof Settled> => ({
  id: row.id,
  kind: 'event',
  at: Date.parse(fact.at),
  tenant_id: row.tenant_id,
  endpoint_id: '',
  event_id: row.id,
  event_type: row.event_type,
  region: row.region,
  scope: row.scope,
  reason: fact.verdict,
  detail: fact.detail,
  http_status: null,
});

/**
 * A plan adds its deliveries to those that are known; a repeat adds none. There may be one plan per region, and plans of two planners.
 * A planner's plan for a refused event means that a newer reader took it up: the dead letter goes. A job's plan redrives it.
 */
export function foldPlan(set: WorkingSet, plan: FactOf<'plan.made'>): void {
  const { fact, stream, seq, from } = plan;
  const known = set.event(fact.event.eventId);
  const row = withOrigin(describedBy(plan, known), fact.acceptedSeq);
  const added = fact.deliveries.filter((delivery) => foldPlannedDelivery(set, plan, delivery)).length;
  const { replay } = fact;
  const what = replay === undefined ? { deliveries: fact.deliveries.length } : { job: replay.jobId };
  const plans = withPlan(row.plans, { region: fact.region, by: from, at: Date.parse(fact.at), ...what });
  if (row === known && added === 0 && plans === row.plans) return;
  takeUp(set, row, plans);
  const deliveryCount = row.delivery_count + added;
  const isFirst = stream === row.stream && (replay === undefined || row.state === 'refused');
  const planSeq = row.plan_seq ?? (isFirst ? seq : null);
  const state = deliveryCount > 0 ? 'planned' : 'unmatched';
  set.setEvent({ ...row, state, verdict: null, detail: null, delivery_count: deliveryCount, plan_seq: planSeq, plans });
}

/** What a plan means for the dead letter of the event that it is for. */
function takeUp(set: WorkingSet, row: EventRow, plans: string): void {
  const dead = deadLetterOf(set, row);
  if (dead === undefined) return;
  if (isPlannedByJobsOnly(plans)) set.bury({ ...dead, ...shownOf(row), ...settledEvent(plans, undefined) });
  else set.revive(row.id);
}

/** The row that a plan changes. Of an event of which only a refusal is known, the plan knows more. */
function describedBy({ fact, scope }: FactOf<'plan.made'>, known: EventRow | undefined): EventRow {
  if (known !== undefined && (known.accepted_seq > 0 || known.plans !== null)) return known;
  const { event }: PlanHead = fact;
  const identity = identityOf(event, event.timestamp);
  return known === undefined ? { ...newEvent(event.eventId, scope), ...identity, origin_seq: fact.acceptedSeq } : { ...known, ...identity };
}
