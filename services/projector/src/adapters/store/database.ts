import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CompiledQuery, type DatabaseConnection, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { StorePlace } from './generations.ts';
import { generationSchema } from './generations-postgres.ts';
import { generationFile } from './generations-sqlite.ts';
import { openNodeSqlite } from './node-sqlite.ts';
import type { Tables } from './schema.ts';
import { TransactionalSqliteDialect } from './sqlite-dialect.ts';

/** Which of the two engines, for the few places where they differ: placeholders and table options. */
export type Engine = 'sqlite' | 'postgres';

export interface Database {
  readonly engine: Engine;
  readonly db: Kysely<Tables>;
  /** Where it is noted which migrations ran; absent: the default. */
  readonly migrationsTable?: string | undefined;
  /** False when the SQLite file that is open is not the one that lies in the folder any more. */
  isPresent(): boolean;
  close(): Promise<void>;
}

/** Where a generation of the read models lives: a file of our own, or a schema of a PostgreSQL database (none: the connection's own). */
export type StoreLocation =
  | { readonly engine: 'sqlite'; readonly file: string; readonly migrationsTable?: string | undefined }
  | {
      readonly engine: 'postgres';
      readonly url: string;
      readonly schema?: string | undefined;
      readonly migrationsTable?: string | undefined;
    };

/** PostgreSQL when a URL is given; otherwise a SQLite file in `DATA_DIR`, one per region and generation. */
export function storeLocation(place: StorePlace, generation = 0): StoreLocation {
  const { DATABASE_URL: url, DATA_DIR: folder, REGION: region, DB_MIGRATIONS_TABLE: migrationsTable } = place;
  if (url !== undefined) return { engine: 'postgres', url, schema: generationSchema(region, generation), migrationsTable };
  return { engine: 'sqlite', file: generationFile(folder, region, generation), migrationsTable };
}

/** OID of `bigint`. Ours hold milliseconds, sequences and counters, all below 2^53. */
const INT8_OID = 20;
const CONNECT_TIMEOUT_MS = 5_000;

/** `building`: nobody else reads it yet, and what a crash leaves of it is thrown away. */
export interface OpenOptions {
  readonly readOnly?: boolean;
  readonly building?: boolean;
  /** Of PostgreSQL; SQLite has one. */
  readonly connections?: number;
}

/** Opens the store. SQLite: creates the folder and file unless `readOnly`. PostgreSQL: connects on first use. */
export function openDatabase(location: StoreLocation, options: OpenOptions = {}): Database {
  const opened = location.engine === 'sqlite' ? openSqlite(location.file, options) : openPostgres(location, options);
  return { ...opened, migrationsTable: location.migrationsTable };
}

type Opened = Omit<Database, 'migrationsTable'>;

function openSqlite(file: string, options: OpenOptions): Opened {
  if (options.readOnly !== true) mkdirSync(join(file, '..'), { recursive: true });
  const sqlite = openNodeSqlite(file, options);
  const db = new Kysely<Tables>({ dialect: new TransactionalSqliteDialect({ database: sqlite }) });
  // Closed here and not by Kysely, which would leave it open if no query ever ran.
  const opened = inode(file);
  return { engine: 'sqlite', db, isPresent: () => inode(file) === opened, close: async () => sqlite.close() };
}

const inode = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.ino;

function openPostgres({ url, schema }: { url: string; schema?: string | undefined }, options: OpenOptions): Opened {
  pg.types.setTypeParser(INT8_OID, Number);
  const pool = new pg.Pool({ connectionString: url, max: options.connections ?? 4, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // Without a listener, a server that goes away while a connection idles would end this process. The next query tells who needs to know.
  pool.on('error', () => undefined);
  const settings = [
    ...(schema === undefined ? [] : [`set search_path to ${pg.escapeIdentifier(schema)}`]),
    ...(options.building === true ? ['set synchronous_commit to off'] : []),
  ];
  const onCreateConnection = async (connection: DatabaseConnection): Promise<void> => {
    for (const setting of settings) await connection.executeQuery(CompiledQuery.raw(setting));
  };
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool, onCreateConnection }) });
  return { engine: 'postgres', db, isPresent: () => true, close: () => pool.end() };
}
