import type { Database } from './database.ts';

/** Runs `work` on the store as it is at this moment, whatever is written meanwhile. */
export function inSnapshot<T>(database: Database, work: (snapshot: Database) => Promise<T>): Promise<T> {
  const transaction = database.db.transaction();
  const frozen = database.engine === 'postgres' ? transaction.setIsolationLevel('repeatable read') : transaction;
  return frozen.execute((db) => work({ ...database, db }));
}
