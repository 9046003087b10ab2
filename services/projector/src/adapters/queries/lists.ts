import { sql } from 'kysely';
import type { DispatchRow, DispatchSweepRow } from '../../domain/dispatch-rows.ts';
import type { AttemptRow, DeadLetterRow, DeliveryRow, EventRow, RegionChangeRow } from '../../domain/rows.ts';
import { ABOVE_ALL_IDS, ABOVE_ALL_NUMBERS, type List } from './list.ts';

const byIdDescending = { id: ABOVE_ALL_IDS };

/** Ids sort by time, so events and deliveries are listed by id alone. */
export const EVENTS: List<EventRow> = {
  table: 'event',
  drives: [
    { by: 'state', except: 'planned', where: (state) => sql`state = ${state} and state <> 'planned'`, sort: byIdDescending },
    { by: 'source', sort: byIdDescending },
    { by: 'tenant_id', sort: byIdDescending },
    { by: 'event_type', sort: byIdDescending },
    { sort: byIdDescending },
  ],
};

export const DELIVERIES: List<DeliveryRow> = {
  table: 'delivery',
  drives: [
    { by: 'event_id', where: (eventId) => ofEvent('id', eventId), sort: byIdDescending },
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

export const DEAD_LETTERS: List<DeadLetterRow> = {
  table: 'dead_letter',
  drives: [{ by: 'endpoint_id', sort: byEnd }, { by: 'tenant_id', sort: byEnd }, { by: 'reason', sort: byEnd }, { sort: byEnd }],
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
 * The event id is compared too, so that a delivery whose id only begins alike is not taken.
 */
export function ofEvent(column: 'id' | 'delivery_id', eventId: string) {
  const start = `dlv_${eventId.slice(eventId.indexOf('_') + 1)}`;
  return sql`${sql.ref(column)} >= ${start} and ${sql.ref(column)} <= ${start + ABOVE_ALL_DIGESTS} and event_id = ${eventId}`;
}
