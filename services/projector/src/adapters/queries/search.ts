import { RUN_COMPLETED_TYPE } from '@waybill/contracts';
import { sql } from 'kysely';
import type { DispatchRow } from '../../domain/dispatch-rows.ts';
import type { DeliveryRow, EndpointRow, EventRow, TenantRow } from '../../domain/rows.ts';
import { searchTerms } from '../../domain/search-terms.ts';
import type { Database } from '../store/database.ts';
import type { Tables } from '../store/schema.ts';
import { ABOVE_ALL_IDS } from './list.ts';

/** What was found, by kind. */
export interface Found {
  readonly events: readonly EventRow[];
  readonly deliveries: readonly DeliveryRow[];
  readonly endpoints: readonly EndpointRow[];
  readonly tenants: readonly TenantRow[];
  readonly dispatches: readonly DispatchRow[];
  /** The newest event that has the text as its correlation. */
  readonly correlated: EventRow | undefined;
}

/** Rows of one kind that one beginning may find. */
const EACH = 5;
/** Above every character that may follow in a URL or a name. */
const ABOVE_ALL_CHARACTERS = '\uffff';

/** Looks for what begins with a text, or is it: short ranges of keys and indexes alone. */
export async function search(database: Database, text: string): Promise<Found> {
  const { db } = database;
  const terms = searchTerms(text);
  const events = await beginning(database, 'event', { column: 'id', starts: terms.eventIds, above: ABOVE_ALL_IDS });
  const endpoints = [
    ...(await beginning(database, 'endpoint', { column: 'id', starts: terms.endpointIds, above: ABOVE_ALL_IDS })),
    ...(await beginning(database, 'endpoint', { column: 'url', starts: terms.urls, above: ABOVE_ALL_CHARACTERS })),
  ];
  return {
    events,
    deliveries: await beginning(database, 'delivery', { column: 'id', starts: terms.deliveryIds, above: ABOVE_ALL_IDS }),
    endpoints: [...new Map(endpoints.map((row) => [row.id, row])).values()],
    tenants: await beginning(database, 'tenant', { column: 'id', starts: terms.tenantIds, above: ABOVE_ALL_CHARACTERS }),
    dispatches: [...(await dispatchesOf(database, events)), ...(await dispatchesFrom(database, terms.repository))].slice(0, EACH),
    correlated: await db
      .selectFrom('event')
      .selectAll()
      .where('correlation_id', '=', terms.correlationId)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst(),
  };
}

type Searched = 'event' | 'delivery' | 'endpoint' | 'tenant';

interface Beginnings {
  readonly column: 'id' | 'url';
  readonly starts: readonly string[];
  readonly above: string;
}

/** Compared once more: in a database that sorts by the habits of a language, a range may hold what only begins alike. */
async function beginning<T extends Searched>({ db }: Database, table: T, { column, starts, above }: Beginnings): Promise<Tables[T][]> {
  const found: Tables[T][] = [];
  for (const start of starts) {
    const rows = await sql<Tables[T]>`select * from ${sql.table(table)} where ${sql.ref(column)} >= ${start}
      and ${sql.ref(column)} < ${start + above} order by ${sql.ref(column)} limit ${EACH}`.execute(db);
    found.push(...rows.rows.filter((row) => valueOf(row, column).startsWith(start)));
  }
  return found;
}

const valueOf = (row: object, column: string): string => String(Reflect.get(row, column));

async function dispatchesOf({ db }: Database, events: readonly EventRow[]): Promise<DispatchRow[]> {
  const ids = events.filter(({ event_type: type }) => type === RUN_COMPLETED_TYPE).map(({ id }) => id);
  return ids.length === 0 ? [] : db.selectFrom('dispatch').selectAll().where('event_id', 'in', ids).execute();
}

async function dispatchesFrom({ db }: Database, repository: string | undefined): Promise<DispatchRow[]> {
  if (repository === undefined) return [];
  return db.selectFrom('dispatch').selectAll().where('repository', '=', repository).orderBy('event_id', 'desc').limit(EACH).execute();
}
