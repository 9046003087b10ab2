import { type MigrationResult, Migrator } from 'kysely/migration';
import type { Database } from './database.ts';
import { readModels } from './migrations/0001-read-models.ts';

/** Brings the store to the newest shape; returns the names of the migrations that ran. Several processes may try at once. */
export async function migrate(database: Database): Promise<string[]> {
  const migrator = new Migrator({
    db: database.db,
    provider: { getMigrations: async () => ({ '0001-read-models': readModels(database.engine) }) },
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error('the store cannot be migrated', { cause: error });
  return (results ?? []).filter(ran).map(({ migrationName }) => migrationName);
}

const ran = ({ status }: MigrationResult): boolean => status === 'Success';
