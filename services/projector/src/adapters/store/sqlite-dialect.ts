import { SqliteAdapter, SqliteDialect } from 'kysely';

/**
 * SQLite takes changes of tables back like any others, which Kysely does not count on: without a transaction around it, a migration that a process
 * died in could never be finished.
 */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Kysely's dialect, with migrations that happen whole or not at all. */
export class TransactionalSqliteDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}
