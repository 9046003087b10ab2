import { sql } from 'kysely';
import type { Database } from './database.ts';

interface Index {
  readonly name: string;
  /** The statement that makes it. */
  readonly text: string;
}

/**
 * Drops the indexes that only serve lists, and returns how to make them again: after a load it costs a fraction of keeping them up for each row.
 * Those of primary keys stay, for folding needs them.
 */
export async function dropIndexes(database: Database): Promise<(done: (count: number, of: number) => void) => Promise<void>> {
  const indexes = await listIndexes(database);
  for (const { name } of indexes) await sql`drop index ${sql.ref(name)}`.execute(database.db);
  return async (done) => {
    for (const [at, { text }] of indexes.entries()) {
      await sql.raw(text).execute(database.db);
      done(at + 1, indexes.length);
    }
  };
}

async function listIndexes({ engine, db }: Database): Promise<readonly Index[]> {
  const ofEngine =
    engine === 'sqlite'
      ? sql<Index>`select name, sql as text from sqlite_master where type = 'index' and sql is not null`
      : sql<Index>`select i.indexname as name, i.indexdef as text from pg_indexes i where i.schemaname = current_schema()
          and not exists (select from pg_constraint c where c.conname = i.indexname and c.connamespace = current_schema()::regnamespace)`;
  return (await ofEngine.execute(db)).rows;
}
