import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { openNodeSqlite } from './node-sqlite.ts';
import type { Tables } from './schema.ts';
import { TransactionalSqliteDialect } from './sqlite-dialect.ts';

/** Which of the two engines, for the few places where they differ: placeholders and table options. */
export type Engine = 'sqlite' | 'postgres';

export interface Database {
  readonly engine: Engine;
  readonly db: Kysely<Tables>;
  /** False when the SQLite file that is open is not the one that lies in the folder any more. */
  isPresent(): boolean;
  close(): Promise<void>;
}

/** Where the read models live: a file of our own, or a PostgreSQL database. */
export type StoreLocation = { readonly engine: 'sqlite'; readonly file: string } | { readonly engine: 'postgres'; readonly url: string };

/** PostgreSQL when a URL is given; otherwise a SQLite file in `dataDir`, one per region. */
export function storeLocation(config: { DATABASE_URL?: string | undefined; DATA_DIR: string; REGION: string }): StoreLocation {
  if (config.DATABASE_URL !== undefined) return { engine: 'postgres', url: config.DATABASE_URL };
  return { engine: 'sqlite', file: join(config.DATA_DIR, `read-models.${config.REGION}.sqlite`) };
}

/** OID of `bigint`. Ours hold milliseconds, sequences and counters, all below 2^53. */
const INT8_OID = 20;
const CONNECT_TIMEOUT_MS = 5_000;

/** Opens the store. SQLite: creates the folder and file unless `readOnly`. PostgreSQL: connects on first use. */
export function openDatabase(location: StoreLocation, options: { readOnly?: boolean; connections?: number } = {}): Database {
  if (location.engine === 'sqlite') return openSqlite(location.file, options.readOnly ?? false);
  return openPostgres(location.url, options);
}

function openSqlite(file: string, readOnly: boolean): Database {
  if (!readOnly) mkdirSync(join(file, '..'), { recursive: true });
  const sqlite = openNodeSqlite(file, { readOnly });
  const db = new Kysely<Tables>({ dialect: new TransactionalSqliteDialect({ database: sqlite }) });
  // Closed here and not by Kysely, which would leave it open if no query ever ran.
  const opened = inode(file);
  return { engine: 'sqlite', db, isPresent: () => inode(file) === opened, close: async () => sqlite.close() };
}

const inode = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.ino;

function openPostgres(url: string, options: { readOnly?: boolean; connections?: number }): Database {
  pg.types.setTypeParser(INT8_OID, Number);
  const pool = new pg.Pool({ connectionString: url, max: options.connections ?? 4, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // Without a listener, a server that goes away while a connection idles would end this process. The next query tells who needs to know.
  pool.on('error', () => undefined);
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return { engine: 'postgres', db, isPresent: () => true, close: () => pool.end() };
}
