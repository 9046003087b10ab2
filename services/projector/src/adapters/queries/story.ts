import { sql } from 'kysely';
import { order } from '../../domain/plans.ts';
import type { AttemptRow, ClaimRow, DeliveryRow, EndpointRow, EventRow } from '../../domain/rows.ts';
import type { Database } from '../store/database.ts';
import { ofEvent } from './lists.ts';

/** Most deliveries, and most attempts, that one answer holds; the lists page through the rest. */
export const MOST = 1_000;

/** Everything the read models know of one event. */
export interface EventStory {
  readonly event: EventRow;
  /** In the order of their ids. */
  readonly deliveries: readonly DeliveryRow[];
  /** In the order in which they were made. */
  readonly attempts: readonly AttemptRow[];
  readonly endpoints: ReadonlyMap<string, EndpointRow>;
  /** By delivery. */
  readonly claims: ReadonlyMap<string, ClaimRow>;
  /** False when there is more than this answer holds. */
  readonly isComplete: boolean;
}

export async function eventStory(database: Database, eventId: string): Promise<EventStory | undefined> {
  const { db } = database;
  const event = await db.selectFrom('event').selectAll().where('id', '=', eventId).executeTakeFirst();
  if (event === undefined) return undefined;
  const deliveries = await sql<DeliveryRow>`select * from delivery where ${ofEvent('id', eventId)} order by id limit ${MOST}`.execute(db);
  const attempts =
    await sql<AttemptRow>`select * from attempt where ${ofEvent('delivery_id', eventId)} order by delivery_id, number, region limit ${MOST}`.execute(
      db,
    );
  return {
    event,
    deliveries: deliveries.rows,
    attempts: attempts.rows.toSorted((left, right) => left.at - right.at || left.number - right.number || order(left.region, right.region)),
    endpoints: await endpointsOf(database, deliveries.rows),
    claims: await claimsOf(database, deliveries.rows),
    isComplete: deliveries.rows.length < MOST && attempts.rows.length < MOST,
  };
}

/** One delivery with its attempts, oldest first. */
export interface DeliveryStory {
  readonly delivery: DeliveryRow;
  readonly attempts: readonly AttemptRow[];
  readonly endpoint: EndpointRow | undefined;
  readonly claim: ClaimRow | undefined;
}

export async function deliveryStory(database: Database, deliveryId: string): Promise<DeliveryStory | undefined> {
  const { db } = database;
  const delivery = await db.selectFrom('delivery').selectAll().where('id', '=', deliveryId).executeTakeFirst();
  if (delivery === undefined) return undefined;
  const attempts = await db
    .selectFrom('attempt')
    .selectAll()
    .where('delivery_id', '=', deliveryId)
    .orderBy('number')
    .orderBy('region')
    .limit(MOST)
    .execute();
  const endpoints = await endpointsOf(database, [delivery]);
  const claims = await claimsOf(database, [delivery]);
  return { delivery, attempts, endpoint: endpoints.get(delivery.endpoint_id), claim: claims.get(deliveryId) };
}

/** Which of the deliveries another region took over. */
export async function claimsOf({ db }: Database, deliveries: readonly DeliveryRow[]): Promise<Map<string, ClaimRow>> {
  if (deliveries.length === 0) return new Map();
  const ids = deliveries.map(({ id }) => id);
  const rows = await db.selectFrom('claim').selectAll().where('delivery_id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.delivery_id, row]));
}

async function endpointsOf({ db }: Database, deliveries: readonly DeliveryRow[]): Promise<Map<string, EndpointRow>> {
  const ids = [...new Set(deliveries.map(({ endpoint_id }) => endpoint_id))];
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom('endpoint').selectAll().where('id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.id, row]));
}
