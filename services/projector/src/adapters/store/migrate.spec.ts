import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, type SqliteDatabase } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { migrate } from './migrate.ts';
import { openNodeSqlite } from './node-sqlite.ts';
import type { Tables } from './schema.ts';
import { TransactionalSqliteDialect } from './sqlite-dialect.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waybill-migrations-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A database whose process dies before its statement number `last` + 1: none runs from then on, not even a rollback. */
function dyingDatabase(file: string, last: number): Database & { ran(): number } {
  const sqlite = openNodeSqlite(file);
  let ran = 0;
  const dying: SqliteDatabase = {
    close: () => sqlite.close(),
    prepare: (text) => {
      if (ran >= last) throw new Error('killed');
      ran += 1;
      return sqlite.prepare(text);
    },
  };
  const db = new Kysely<Tables>({ dialect: new TransactionalSqliteDialect({ database: dying }) });
  return { engine: 'sqlite', db, isPresent: () => true, close: async () => sqlite.close(), ran: () => ran };
}

async function shapeOf({ db }: Database) {
  const tables = await db.introspection.getTables();
  return tables.map(({ name, columns }) => [name, columns.map((column) => [column.name, column.dataType, column.isNullable])]);
}

describe('a migration on SQLite', () => {
  it('is noted in the table that DB_MIGRATIONS_TABLE names', async () => {
    const named = openDatabase({ engine: 'sqlite', file: join(folder, 'named.sqlite'), migrationsTable: 'schema_history' });
    expect(await migrate(named)).not.toEqual([]);
    const tables = (await named.db.introspection.getTables({ withInternalKyselyTables: true })).map(({ name }) => name);
    expect(tables).toEqual(expect.arrayContaining(['schema_history', 'schema_history_lock']));
    expect(tables).not.toContain('kysely_migration');
    expect(await migrate(named)).toEqual([]);
    await named.close();
  });

  // Every statement is a place to die at, and each death costs two migrations.
  it('is done whole by the next process, wherever one died in it', { timeout: 60_000 }, async () => {
    const straight = dyingDatabase(join(folder, 'straight.sqlite'), Number.POSITIVE_INFINITY);
    await migrate(straight);
    const wanted = await shapeOf(straight);
    const statements = straight.ran();
    await straight.close();
    expect(statements).toBeGreaterThan(40);
    for (let last = 0; last < statements; last += 1) {
      const file = join(folder, `${last}.sqlite`);
      const doomed = dyingDatabase(file, last);
      await migrate(doomed).catch(() => undefined);
      await doomed.close();
      const next = openDatabase({ engine: 'sqlite', file });
      await migrate(next);
      expect(await shapeOf(next), `after ${last} statements`).toEqual(wanted);
      await next.close();
    }
  });
});
