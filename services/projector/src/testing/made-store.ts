import { sql } from 'kysely';
import { openDatabase } from '../adapters/store/database.ts';
import { dropIndexes } from '../adapters/store/deferred-indexes.ts';
import { generationFile } from '../adapters/store/generations-sqlite.ts';
import { migrate } from '../adapters/store/migrate.ts';
import { madeCounters } from './made-counters.ts';
import { type MadeStore, madeRows } from './made-rows.ts';

/** Nothing of it is worth keeping when this dies. */
const QUICK = ['pragma journal_mode = off', 'pragma temp_store = memory', 'pragma cache_size = -400000', 'pragma threads = 2'];

/**
 * Makes the SQLite file of a region's read models in `folder`, filled with made-up events and all that belongs to them; returns its path. A projector that
 * is started on it serves it. A million events take about ten seconds and 1.5 GB.
 */
export async function makeStore(folder: string, store: MadeStore): Promise<string> {
  const file = generationFile(folder, store.region, 0);
  const database = openDatabase({ engine: 'sqlite', file }, { building: true });
  try {
    await migrate(database);
    const makeIndexes = await dropIndexes(database);
    for (const pragma of QUICK) await sql.raw(pragma).execute(database.db);
    for (const statement of [...madeRows(store), ...madeCounters(store)]) await sql.raw(statement).execute(database.db);
    await makeIndexes(() => undefined);
    return file;
  } finally {
    await database.close();
  }
}
