import { timeSortableId } from '@waybill/contracts';
import { sql } from 'kysely';
import type { DispatchRow, DispatchSweepRow } from '../../domain/dispatch-rows.ts';
import type { DeadLetterGroupRow, DeadLetterState, ManagementActionRow } from '../../domain/recovery-rows.ts';
import type { AttemptRow, DeadLetterRow, DeliveryRow, EventRow, RegionChangeRow } from '../../domain/rows.ts';
import { ABOVE_ALL_IDS, ABOVE_ALL_NUMBERS, type Between, type List } from './list.ts';

const byIdDescending = { id: ABOVE_ALL_IDS };

/** An event that correlates only with itself has no correlation of its own: it is found by its id. */
const itself = (correlationId: string) => sql`id = ${correlationId} and correlation_id is null`;

/** Ids sort by time, so events and deliveries are listed by id alone. */
export const EVENTS: List<EventRow> = {
  table: 'event',
  drives: [
    { by: 'correlation_id', elsewhere: itself, sort: byIdDescending },
    { by: 'state', except: 'planned', where: (state) => sql`state = ${state} and state <> 'planned'`, sort: byIdDescending },
    { by: 'source', sort: byIdDescending },
    { by: 'tenant_id', sort: byIdDescending },
    { by: 'event_type', sort: byIdDescending },
    { sort: byIdDescending },
  ],
};

/** Bounds of ids that begin with a time, in ms: of an event, when it was accepted; of a delivery, the same, or when the job began that made it. */
export function idsBetween(prefix: 'evt' | 'dlv', { from, to }: { from?: number | undefined; to?: number | undefined }): Between {
  const edge = (ms: number): string => timeSortableId(prefix, Math.max(0, ms), new Uint8Array());
  return { from: from === undefined ? undefined : edge(from), to: to === undefined ? undefined : edge(to) };
}

export const DELIVERIES: List<DeliveryRow> = {
  table: 'delivery',
  drives: [
    { by: 'event_id', where: (eventId) => ofEvent('id', eventId), elsewhere: madeOfEvent, sort: byIdDescending },
    { by: 'job_id', sort: byIdDescending },
    { by: 'state', except: 'delivered', where: (state) => sql`state = ${state} and state <> 'delivered'`, sort: byIdDescending },
    { by: 'endpoint_id', sort: byIdDescending },
    { by: 'tenant_id', sort: byIdDescending },
    { sort: byIdDescending },
  ],
};

const byTime = { at: ABOVE_ALL_NUMBERS, delivery_id: ABOVE_ALL_IDS, number: ABOVE_ALL_NUMBERS, region: ABOVE_ALL_IDS };

export const ATTEMPTS: List<AttemptRow> = {
  table: 'attempt',
  drives: [
    { by: 'delivery_id', sort: { number: ABOVE_ALL_NUMBERS, region: ABOVE_ALL_IDS } },
    { by: 'endpoint_id', sort: byTime },
  ],
};

const byEnd = { at: ABOVE_ALL_NUMBERS, id: ABOVE_ALL_IDS };

const byPlace = { at: ABOVE_ALL_NUMBERS, origin_region: ABOVE_ALL_IDS, origin_seq: ABOVE_ALL_NUMBERS };

export const REGION_CHANGES: List<RegionChangeRow> = { table: 'region_change', drives: [{ sort: byPlace }] };

/** Dead letters in one state. `from` and `to` bound the time at which they became some, in ms: from it on, and before it. */
export function deadLetters(state: DeadLetterState, between: Between = {}): List<DeadLetterRow> {
  return {
    table: 'dead_letter',
    drives: [{ by: 'endpoint_id', sort: byEnd }, { by: 'tenant_id', sort: byEnd }, { by: 'reason', sort: byEnd }, { sort: byEnd }],
    within: sql`state = ${state}`,
    between,
  };
}

/** Above every tenant id and endpoint id, however long. */
const ABOVE_ALL_NAMES = 'z'.repeat(200);
const byGroup = {
  tenant_id: ABOVE_ALL_NAMES,
  endpoint_id: ABOVE_ALL_NAMES,
  reason: ABOVE_ALL_NAMES,
  region: ABOVE_ALL_NAMES,
  scope: ABOVE_ALL_NAMES,
};

/** A group, with the times of its oldest and newest dead letter: the two ends of a stretch of an index. */
export interface DeadLetterGroup extends DeadLetterGroupRow {
  readonly oldest: number | null;
  readonly newest: number | null;
}

const openOfGroup = sql`select d.at from dead_letter d where d.region = dead_letter_group.region and d.tenant_id = dead_letter_group.tenant_id
  and d.endpoint_id = dead_letter_group.endpoint_id and d.reason = dead_letter_group.reason and d.state = 'open'`;

export const DEAD_LETTER_GROUPS: List<DeadLetterGroup> = {
  table: 'dead_letter_group',
  drives: [{ by: 'tenant_id', sort: byGroup }, { sort: byGroup }],
  more: sql`(${openOfGroup} order by d.at limit 1) as oldest, (${openOfGroup} order by d.at desc limit 1) as newest`,
};

export const MANAGEMENT_ACTIONS: List<ManagementActionRow> = {
  table: 'management_action',
  drives: [{ by: 'actor', sort: byPlace }, { sort: byPlace }],
};

const byEvent = { event_id: ABOVE_ALL_IDS };

export const DISPATCHES: List<DispatchRow> = {
  table: 'dispatch',
  drives: [
    { by: 'state', except: 'skipped', where: (state) => sql`state = ${state} and state <> 'skipped'`, sort: byEvent },
    { by: 'repository', sort: byEvent },
    { by: 'workflow', sort: byEvent },
    { by: 'tenant_id', sort: byEvent },
    { sort: byEvent },
  ],
};

export const DISPATCH_SWEEPS: List<DispatchSweepRow> = { table: 'dispatch_sweep', drives: [{ sort: { region: ABOVE_ALL_IDS } }] };

/** Above every character that the digest at the end of a delivery id may have. */
const ABOVE_ALL_DIGESTS = 'zzzzzzzzzzzzzzzzz';

/**
 * The deliveries of an event by a range of the primary key: a delivery id is `dlv_`, the event's own characters, and a digest (`deliveryIdOf`).
 * The event id is compared too, so that a delivery whose id only begins alike is not taken. Those that jobs made by ids of their own are `madeOfEvent`.
 */
export function ofEvent(column: 'id' | 'delivery_id', eventId: string) {
  return sql`${inRange(column, eventId)} and event_id = ${eventId}`;
}

/** The deliveries of an event that jobs made by ids of their own (`replayDeliveryId`). */
export function madeOfEvent(eventId: string) {
  return sql`event_id = ${eventId} and job_id is not null and not (${inRange('id', eventId)})`;
}

function inRange(column: 'id' | 'delivery_id', eventId: string) {
  const start = `dlv_${eventId.slice(eventId.indexOf('_') + 1)}`;
  return sql`${sql.ref(column)} >= ${start} and ${sql.ref(column)} <= ${start + ABOVE_ALL_DIGESTS}`;
}
