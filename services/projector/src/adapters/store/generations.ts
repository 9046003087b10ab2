import type { Generations } from '../../application/rebuild/ledger.ts';
import { postgresGenerations } from './generations-postgres.ts';
import { sqliteGenerations } from './generations-sqlite.ts';

/** Where a region's read models are kept. */
export interface StorePlace {
  readonly DATABASE_URL?: string | undefined;
  readonly DATA_DIR: string;
  readonly REGION: string;
  /** Absent: the default of the migrations. */
  readonly DB_MIGRATIONS_TABLE?: string | undefined;
}

/** The generations of a region's read models: files with a pointer file beside them, or schemas with a pointer table. */
export const generationsOf = ({
  DATABASE_URL: url,
  DATA_DIR: folder,
  REGION: region,
  DB_MIGRATIONS_TABLE: noted,
}: StorePlace): Generations => (url === undefined ? sqliteGenerations(folder, region) : postgresGenerations(url, region, noted));
