import { DENIAL_REASONS, timeOfId } from '@waybill/contracts';
import type { RollupCounter } from './rollup-rows.ts';
import { addMeasure, type RollupChange, RollupTally, sumOf } from './rollup-tally.ts';
import type { AttemptRow, DeliveryRow, EventRow } from './rows.ts';
import type { AttemptMark, Before, WorkingSet } from './working-set.ts';

/**
 * The changes of rollups that follow from what a batch made of its rows: what a row counted before is taken back, and what it counts now is added. So they
 * are the same in whichever order facts arrive, and a repeated fact counts once.
 */
export function rollupsOf(before: Before, after: WorkingSet): RollupChange[] {
  const tally = new RollupTally();
  for (const row of after.events.values()) countEvent(tally, before.events.get(row.id), row);
  for (const row of after.deliveries.values()) {
    const was = before.deliveries.get(row.id);
    countDelivery(tally, was, row);
    if (was !== undefined) recountFirst(tally, { was, is: row }, before.attempts.get(row.id) ?? []);
  }
  for (const row of after.attempts) countAttempt(tally, row, after.delivery(row.delivery_id));
  for (const intake of after.intakes) countIntake(tally, intake);
  return tally.changes();
}

/** Of rows, what rollups count. */
type Placed = Pick<EventRow, 'tenant_id' | 'region' | 'at'>;
type CountedDelivery = Placed & Pick<DeliveryRow, 'endpoint_id' | 'event_id' | 'state' | 'end_reason' | 'ended_at' | 'job_id'>;
type CountedAttempt = AttemptMark & Pick<AttemptRow, 'tenant_id' | 'endpoint_id' | 'outcome'>;
const isAtSamePlace = (left: Placed, right: Placed): boolean =>
  left.at === right.at && left.region === right.region && left.tenant_id === right.tenant_id;

export function countEvent(tally: RollupTally, was: Placed | undefined, is: Placed): void {
  if (was !== undefined && isAtSamePlace(was, is)) return;
  if (was !== undefined) tally.add(was, was.at, 'events', -1);
  tally.add(is, is.at, 'events', 1);
}

export function countDelivery(tally: RollupTally, was: CountedDelivery | undefined, is: CountedDelivery): void {
  if (was === undefined || !isAtSamePlace(was, is)) {
    if (was !== undefined) tally.add(was, was.at, 'deliveries', -1);
    tally.add(is, is.at, 'deliveries', 1);
  }
  const ended = endOf(is);
  const before = was === undefined ? undefined : endOf(was);
  if (ended === before && is.ended_at === was?.ended_at && is.region === was.region && is.tenant_id === was.tenant_id) return;
  if (was !== undefined && before !== undefined) tally.add(was, was.ended_at ?? 0, before, -1);
  if (ended !== undefined) tally.add(is, is.ended_at ?? 0, ended, 1);
}

const DENIALS: ReadonlySet<string | null> = new Set(DENIAL_REASONS);

/** As what a delivery counts that has ended. One that was superseded did end as it did: what happened then stays in the numbers of that time. */
function endOf({ state, end_reason: reason }: Pick<DeliveryRow, 'state' | 'end_reason'>): RollupCounter | undefined {
  if (state === 'delivered' || state === 'dead_lettered' || state === 'denied') return state;
  if (state !== 'superseded') return undefined;
  return DENIALS.has(reason) ? 'denied' : 'dead_lettered';
}

/** `delivery` is that of the attempt. */
export function countAttempt(tally: RollupTally, row: CountedAttempt, delivery: FirstOf | undefined): void {
  const buckets = tally.buckets(row, row.at);
  for (const bucket of buckets) {
    bucket.attempts += 1;
    if (row.outcome !== 'accepted') bucket.failed_attempts += 1;
  }
  addMeasure(buckets, 'attempt', row.duration_ms, 1);
  if (row.number === 1 && delivery?.job_id === null) addMeasure(buckets, 'processing', processingMs(delivery, row), 1);
}

type FirstOf = Pick<DeliveryRow, 'event_id' | 'job_id'>;

/** Attempts that are known count no more, or after all, once it is known whether a job made their delivery. */
function recountFirst(tally: RollupTally, { was, is }: { was: DeliveryRow; is: DeliveryRow }, attempts: readonly AttemptMark[]): void {
  if ((was.job_id === null) === (is.job_id === null)) return;
  const { tenant_id, endpoint_id } = is;
  for (const attempt of attempts.filter(({ number }) => number === 1)) {
    const buckets = tally.buckets({ tenant_id, endpoint_id, region: attempt.region }, attempt.at);
    addMeasure(buckets, 'processing', processingMs(is, attempt), is.job_id === null ? 1 : -1);
  }
}

/** How long after its event was accepted an attempt ended. The time of the event is in its id, so that its row need not be read; undefined when it is not. */
function processingMs(
  { event_id: eventId }: FirstOf,
  { at, duration_ms: ms }: Pick<AttemptMark, 'at' | 'duration_ms'>,
): number | undefined {
  const acceptedAt = timeOfId(eventId);
  return acceptedAt === undefined ? undefined : Math.max(0, at + ms - acceptedAt);
}

/** How an ingress answered, as `intake.measured` tells it. `refused`: answers that were none. */
export interface Intake {
  readonly region: string;
  readonly at: number;
  readonly ack: readonly number[];
  readonly refused: number;
}

function countIntake(tally: RollupTally, { region, at, ack, refused }: Intake): void {
  for (const bucket of tally.buckets({ region }, at)) {
    bucket.refused += refused;
    bucket.ack = sumOf(bucket.ack, ack);
  }
}
