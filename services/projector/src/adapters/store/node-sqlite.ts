import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';

/** How long a statement waits for another process's lock. */
const BUSY_TIMEOUT_MS = 5_000;
/** Statements kept prepared; the projection uses a few dozen. */
const PREPARED = 256;

const SERVING = 'pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -32000; pragma wal_autocheckpoint = 4000';
/** For a file that nobody reads yet and that a crash may spoil: the disk is not waited for, and only memory knows how to take a batch back. */
const BUILDING = 'pragma locking_mode = exclusive; pragma journal_mode = memory; pragma synchronous = off; pragma cache_size = -128000';

/** `building`: what a crash leaves of the file is thrown away. */
export interface SqliteOptions {
  readonly readOnly?: boolean;
  readonly building?: boolean;
}

/**
 * Gives `node:sqlite` the shape that Kysely's SQLite dialect asks for. Statements stay prepared, because preparing costs more than running.
 * WAL, so readers do not wait for the writer. `synchronous = normal`: a power cut may take the last transactions, never half of one; since the
 * checkpoint is in the same transaction as its rows, the projection goes on from there and nothing is lost.
 */
export function openNodeSqlite(path: string, options: SqliteOptions = {}): SqliteDatabase {
  const readOnly = options.readOnly ?? false;
  const database = new DatabaseSync(path, { readOnly, timeout: BUSY_TIMEOUT_MS });
  if (!readOnly) database.exec(options.building === true ? BUILDING : SERVING);
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
