import type { Kysely } from 'kysely';
import type { BatchTransaction, Checkpoint, InTransaction } from '../../application/apply-batch.ts';
import { attemptIdOf } from '../../domain/fold-delivery.ts';
import type { AttemptRow, DeliveryRow, EventRow } from '../../domain/rows.ts';
import { type Lookup, lookUp } from './bulk.ts';
import type { Database } from './database.ts';
import { type RowWriters, rowWriters } from './row-writers.ts';
import type { Tables } from './schema.ts';

/** The write side of the read models, for one projection. */
export interface ProjectionStore {
  /** The checkpoint of a stream; 0 for a stream never read. */
  readonly checkpoint: (stream: string) => Promise<Checkpoint>;
  readonly inTransaction: InTransaction;
}

/** The projection whose tables these are. A rebuild will run as another one, beside it. */
export const MAIN_PROJECTION = 'main';

/** Opens the write side over a migrated database. */
export function projectionStore(database: Database, projection: string = MAIN_PROJECTION): ProjectionStore {
  const writers = rowWriters(database.engine);
  return {
    checkpoint: (stream) => readCheckpoint(database.db, projection, stream),
    inTransaction: (work) =>
      database.db.transaction().execute((db) => work({ ...checkpointMover(db, projection), ...rowAccess(db, database.engine, writers) })),
  };
}

async function readCheckpoint(db: Kysely<Tables>, projection: string, stream: string): Promise<Checkpoint> {
  const seed = { projection, stream, seq: 0, stream_created: null };
  await db
    .insertInto('checkpoint')
    .values(seed)
    .onConflict((conflict) => conflict.columns(['projection', 'stream']).doNothing())
    .execute();
  const row = await db
    .selectFrom('checkpoint')
    .select(['seq', 'stream_created'])
    .where('projection', '=', projection)
    .where('stream', '=', stream)
    .executeTakeFirstOrThrow();
  return { seq: row.seq, streamCreated: row.stream_created };
}

function checkpointMover(db: Kysely<Tables>, projection: string): Pick<BatchTransaction, 'move'> {
  return {
    move: async ({ stream, streamCreated, from, to }) => {
      const { numUpdatedRows } = await db
        .updateTable('checkpoint')
        .set({ seq: to, stream_created: streamCreated })
        .where('projection', '=', projection)
        .where('stream', '=', stream)
        .where('seq', '=', from)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
  };
}

function rowAccess(db: Kysely<Tables>, engine: Database['engine'], writers: RowWriters): Omit<BatchTransaction, 'move'> {
  return {
    load: async ({ events, deliveries, attempted }) => {
      const known = byId(await lookUp<DeliveryRow>(db, engine, DELIVERIES, [...deliveries]));
      // A delivery that was never tried has no attempts to look for: that is nearly every one.
      const tried = [...attempted].filter((id) => (known.get(id)?.attempts ?? 0) > 0);
      const attempts = await lookUp<Pick<AttemptRow, 'delivery_id' | 'number'>>(db, engine, ATTEMPTS, tried);
      return {
        events: byId(await lookUp<EventRow>(db, engine, EVENTS, [...events])),
        deliveries: known,
        attempts: new Set(attempts.map(({ delivery_id: id, number }) => attemptIdOf(id, number))),
      };
    },
    save: async (changes) => {
      await writers.event.write(db, changes.events);
      await writers.delivery.write(db, changes.deliveries);
      await writers.attempt.write(db, changes.attempts);
      await removeIds(db, 'dead_letter', changes.revived);
      await writers.deadLetter.write(db, changes.deadLetters);
      await writers.total.write(db, changes.totals);
      await writers.problem.write(db, changes.problems);
    },
    saveRegistry: async (changes) => {
      await writers.tenant.write(db, changes.tenants);
      await writers.endpoint.write(db, changes.endpoints);
      await removeIds(db, 'tenant', changes.removedTenants);
      await removeIds(db, 'endpoint', changes.removedEndpoints);
      await writers.problem.write(db, changes.problems);
    },
  };
}

const EVENTS: Lookup = { table: 'event', columns: '*', by: 'id' };
const DELIVERIES: Lookup = { table: 'delivery', columns: '*', by: 'id' };
const ATTEMPTS: Lookup = { table: 'attempt', columns: 'delivery_id, number', by: 'delivery_id' };

const byId = <Row extends { id: string }>(rows: readonly Row[]): Map<string, Row> => new Map(rows.map((row) => [row.id, row]));

async function removeIds(db: Kysely<Tables>, table: 'dead_letter' | 'tenant' | 'endpoint', ids: readonly string[]): Promise<void> {
  for (const id of ids) await db.deleteFrom(table).where('id', '=', id).execute();
}
