import { sql } from 'kysely';
import { type Migration, type MigrationResult, Migrator } from 'kysely/migration';
import type { Database, Engine } from './database.ts';
import { MIGRATIONS_TABLE } from './generations-postgres.ts';
import { readModels } from './migrations/0001-read-models.ts';
import { severalRegions } from './migrations/0002-several-regions.ts';
import { dispatches } from './migrations/0003-dispatches.ts';
import { recovery } from './migrations/0004-recovery.ts';
import { completeSince } from './migrations/0005-complete-since.ts';
import { measures } from './migrations/0006-measures.ts';
import { eventProgress } from './migrations/0007-event-progress.ts';
import { jobTotals } from './migrations/0008-job-totals.ts';

/** Brings the store to the newest shape, or to that of migration `to`; returns the names of the migrations that ran. Several processes may try at once. */
export async function migrate(database: Database, to?: string): Promise<string[]> {
  const { migrationsTable = MIGRATIONS_TABLE } = database;
  const migrator = new Migrator({
    db: database.db,
    provider: { getMigrations: async () => migrationsOf(database.engine) },
    migrationTableName: migrationsTable,
    migrationLockTableName: `${migrationsTable}_lock`,
    ...(await ownSchema(database)),
  });
  const { error, results } = await (to === undefined ? migrator.migrateToLatest() : migrator.migrateTo(to));
  if (error !== undefined) throw error instanceof Error ? error : new Error('the store cannot be migrated', { cause: error });
  return (results ?? []).filter(ran).map(({ migrationName }) => migrationName);
}

/** Migrations are noted in the schema that their tables are in: another generation's, or another region's, are not ours. */
async function ownSchema({ engine, db }: Database): Promise<{ migrationTableSchema?: string }> {
  if (engine === 'sqlite') return {};
  const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(db);
  const [row] = rows;
  return row === undefined ? {} : { migrationTableSchema: row.name };
}

const migrationsOf = (engine: Engine): Record<string, Migration> => ({
  '0001-read-models': readModels(engine),
  '0002-several-regions': severalRegions(engine),
  '0003-dispatches': dispatches(engine),
  '0004-recovery': recovery(engine),
  '0005-complete-since': completeSince(engine),
  '0006-measures': measures(engine),
  '0007-event-progress': eventProgress(engine),
  '0008-job-totals': jobTotals(),
});

const ran = ({ status }: MigrationResult): boolean => status === 'Success';
