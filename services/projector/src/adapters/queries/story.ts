import { sql } from 'kysely';
import { order } from '../../domain/plans.ts';
import type { InstructionRow } from '../../domain/recovery-rows.ts';
import type { AttemptRow, ClaimRow, DeliveryRow, EndpointRow, EventRow } from '../../domain/rows.ts';
import type { Database } from '../store/database.ts';
import { madeOfEvent, ofEvent } from './lists.ts';

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
  const deliveries = await deliveriesOf(database, eventId);
  const attempts = await attemptsOf(database, eventId, deliveries);
  return {
    event,
    deliveries,
    attempts: attempts.toSorted((left, right) => left.at - right.at || left.number - right.number || order(left.region, right.region)),
    endpoints: await endpointsOf(database, deliveries),
    claims: await claimsOf(database, deliveries),
    isComplete: deliveries.length < MOST && attempts.length < MOST,
  };
}

/** The deliveries of an event in the order of their ids, those that jobs made too: at most `MOST`. */
export async function deliveriesOf({ db }: Database, eventId: string): Promise<DeliveryRow[]> {
  const all = sql`select * from delivery where ${ofEvent('id', eventId)} union all select * from delivery where ${madeOfEvent(eventId)}`;
  return (await sql<DeliveryRow>`${all} order by id limit ${MOST}`.execute(db)).rows;
}

async function attemptsOf({ db }: Database, eventId: string, deliveries: readonly DeliveryRow[]): Promise<AttemptRow[]> {
  const inOrder = sql`order by delivery_id, number, region limit ${MOST}`;
  const { rows } = await sql<AttemptRow>`select * from attempt where ${ofEvent('delivery_id', eventId)} ${inOrder}`.execute(db);
  const made = deliveries.flatMap(({ id, job_id: jobId }) => (jobId === null || rows.some((row) => row.delivery_id === id) ? [] : [id]));
  if (made.length === 0) return rows;
  const ofMade = await sql<AttemptRow>`select * from attempt where delivery_id in (${sql.join(made)}) ${inOrder}`.execute(db);
  return [...rows, ...ofMade.rows].slice(0, MOST);
}

/** One delivery with its attempts, oldest first. */
export interface DeliveryStory {
  readonly delivery: DeliveryRow;
  readonly attempts: readonly AttemptRow[];
  readonly endpoint: EndpointRow | undefined;
  readonly claim: ClaimRow | undefined;
  /** What operators asked of it, oldest first. */
  readonly instructions: readonly InstructionRow[];
  /** The deliveries that jobs made in its place. */
  readonly replacements: readonly DeliveryRow[];
}

export async function deliveryStory(database: Database, deliveryId: string): Promise<DeliveryStory | undefined> {
  const { db } = database;
  const delivery = await db.selectFrom('delivery').selectAll().where('id', '=', deliveryId).executeTakeFirst();
  if (delivery === undefined) return undefined;
  const attempts = await attemptsOfDelivery(database, deliveryId);
  const instructions = await sql<InstructionRow>`select * from delivery_instruction where delivery_id = ${deliveryId}
    order by at, origin_region, origin_seq limit ${MOST}`.execute(db);
  const madeInstead = sql`select * from delivery where event_id = ${delivery.event_id} and job_id is not null`;
  const endpoints = await endpointsOf(database, [delivery]);
  const claims = await claimsOf(database, [delivery]);
  return {
    delivery,
    attempts,
    endpoint: endpoints.get(delivery.endpoint_id),
    claim: claims.get(deliveryId),
    instructions: instructions.rows,
    replacements: (await sql<DeliveryRow>`${madeInstead} and replay_of = ${deliveryId} order by id limit ${MOST}`.execute(db)).rows,
  };
}

/** The attempts of one delivery, oldest first. */
export const attemptsOfDelivery = ({ db }: Database, deliveryId: string): Promise<AttemptRow[]> =>
  db.selectFrom('attempt').selectAll().where('delivery_id', '=', deliveryId).orderBy('number').orderBy('region').limit(MOST).execute();

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
