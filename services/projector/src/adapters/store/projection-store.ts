import type { Kysely } from 'kysely';
import type { BatchTransaction, Checkpoint, InTransaction } from '../../application/apply-batch.ts';
import type { Database, Engine } from './database.ts';
import { loadRegistry, loadRows } from './load-rows.ts';
import { writeRollups } from './rollup-writer.ts';
import { type RowWriters, rowWriters } from './row-writers.ts';
import type { Tables } from './schema.ts';

/** The write side of the read models, for one projection. */
export interface ProjectionStore {
  /** The checkpoint of a stream; 0 for a stream never read. */
  readonly checkpoint: (stream: string) => Promise<Checkpoint>;
  readonly inTransaction: InTransaction;
}

/** The projection whose tables these are. A rebuild has tables of its own, beside them. */
export const MAIN_PROJECTION = 'main';

/** Opens the write side over a migrated database. */
export function projectionStore(database: Database, projection: string = MAIN_PROJECTION): ProjectionStore {
  const writers = rowWriters(database.engine);
  return {
    checkpoint: (stream) => readCheckpoint(database.db, projection, stream),
    inTransaction: (work) =>
      database.db
        .transaction()
        .execute((db) => work({ ...checkpointMover(db, projection, database.engine), ...rowAccess(db, database.engine, writers) })),
  };
}

async function readCheckpoint(db: Kysely<Tables>, projection: string, stream: string): Promise<Checkpoint> {
  const seed = { projection, stream, seq: 0, stream_created: null, origin: null, complete_since: null, measured_since: null };
  await db
    .insertInto('checkpoint')
    .values(seed)
    .onConflict((conflict) => conflict.columns(['projection', 'stream']).doNothing())
    .execute();
  const row = await db
    .selectFrom('checkpoint')
    .select(['seq', 'stream_created', 'origin'])
    .where('projection', '=', projection)
    .where('stream', '=', stream)
    .executeTakeFirstOrThrow();
  return { seq: row.seq, streamCreated: row.stream_created, origin: row.origin };
}

function checkpointMover(db: Kysely<Tables>, projection: string, engine: Engine): Pick<BatchTransaction, 'move'> {
  return {
    move: async ({ stream, streamCreated, from, to, origin, completeSinceMs }) => {
      if (engine === 'postgres') await lockProjection(db, projection);
      const { numUpdatedRows } = await db
        .updateTable('checkpoint')
        .set({
          seq: to,
          stream_created: streamCreated,
          origin,
          ...(completeSinceMs === undefined ? {} : { complete_since: completeSinceMs }),
        })
        .where('projection', '=', projection)
        .where('stream', '=', stream)
        .where('seq', '=', from)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
  };
}

/**
 * Batches of LOG and PEERS may tell of one delivery, and each reads rows before it writes them: one at a time, whichever process they are of.
 * SQLite has one writer anyway, from the first write of a transaction on, which is that of the checkpoint.
 */
async function lockProjection(db: Kysely<Tables>, projection: string): Promise<void> {
  await db.selectFrom('checkpoint').select('stream').where('projection', '=', projection).orderBy('stream').forUpdate().execute();
}

function rowAccess(db: Kysely<Tables>, engine: Engine, writers: RowWriters): Omit<BatchTransaction, 'move'> {
  return {
    load: (touched) => loadRows(db, engine, touched),
    save: async (changes) => {
      await removeRows(db, 'event', changes.renewed);
      await writers.event.write(db, changes.events);
      await writers.delivery.write(db, changes.deliveries);
      await writers.attempt.write(db, changes.attempts);
      await removeRows(db, 'dead_letter', changes.revived);
      await writers.deadLetter.write(db, changes.deadLetters);
      await writers.deadLetterGroup.write(db, changes.groups);
      await writers.resolution.write(db, changes.resolutions);
      await writers.instruction.write(db, changes.instructions);
      await writers.action.write(db, changes.actions);
      await writers.claim.write(db, changes.claims);
      await writers.regionChange.write(db, changes.regionChanges);
      await writers.dispatch.write(db, changes.dispatches);
      await writers.dispatchTarget.write(db, changes.targets);
      await writers.dispatchReport.write(db, changes.reports);
      await writers.dispatchSweep.write(db, changes.sweeps);
      await writers.intakeMark.write(db, changes.intakeMarks);
      await writers.eventProgress.write(db, changes.progress);
      await writers.total.write(db, changes.totals);
      await writers.schemaCount.write(db, changes.schemaCounts);
      await writeRollups(db, engine, writers, changes.rollups);
      await writers.problem.write(db, changes.problems);
    },
    loadRegistry: (versions) => loadRegistry(db, engine, versions),
    saveRegistry: async (changes) => {
      await writers.tenant.write(db, changes.tenants);
      await writers.endpoint.write(db, changes.endpoints);
      for (const { kind, id } of changes.removed) await removeRows(db, kind, [id]);
      await writers.removed.write(db, changes.removed);
      for (const { kind, id } of changes.restored)
        await db.deleteFrom('removed_record').where('kind', '=', kind).where('id', '=', id).execute();
      await writers.problem.write(db, changes.problems);
    },
  };
}

async function removeRows(
  db: Kysely<Tables>,
  table: 'event' | 'dead_letter' | 'tenant' | 'endpoint',
  ids: readonly string[],
): Promise<void> {
  for (const id of ids) await db.deleteFrom(table).where('id', '=', id).execute();
}
