import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';

/** How long a statement waits for another process's lock. */
const BUSY_TIMEOUT_MS = 5_000;
/** Statements kept prepared; the projection uses a few dozen. */
const PREPARED = 256;

/**
 * Gives `node:sqlite` the shape that Kysely's SQLite dialect asks for. Statements stay prepared, because preparing costs more than running.
 * WAL, so readers do not wait for the writer. `synchronous = normal`: a power cut may take the last transactions, never half of one; since the
 * checkpoint is in the same transaction as its rows, the projection goes on from there and nothing is lost.
 */
export function openNodeSqlite(path: string, options: { readOnly?: boolean } = {}): SqliteDatabase {
  const readOnly = options.readOnly ?? false;
  const database = new DatabaseSync(path, { readOnly, timeout: BUSY_TIMEOUT_MS });
  if (!readOnly)
    database.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -32000; pragma wal_autocheckpoint = 4000');
  const prepared = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const known = prepared.get(sql);
      if (known !== undefined) return known;
      const statement = adapt(database.prepare(sql));
      if (prepared.size >= PREPARED) prepared.clear();
      prepared.set(sql, statement);
      return statement;
    },
  };
}

function adapt(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...inputs(parameters)),
    run: (parameters) => statement.run(...inputs(parameters)),
    iterate: (parameters) => statement.iterate(...inputs(parameters)),
  };
}

/** Not looked at here: `node:sqlite` throws for each value that it cannot bind, and looking twice showed in the profile. */
function inputs(parameters: readonly unknown[]): readonly SQLInputValue[] {
  assertBindable(parameters);
  return parameters;
}

function assertBindable(_parameters: readonly unknown[]): asserts _parameters is readonly SQLInputValue[] {
  // See `inputs`.
}
