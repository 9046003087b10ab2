import { keepFollowing, type Report } from '../../application/keep-following.ts';
import { type Database, openDatabase, type StoreLocation } from '../store/database.ts';
import { emptySchema, makeSchema } from '../store/generations-postgres.ts';
import { setAside } from '../store/generations-sqlite.ts';
import { meansLostStore } from '../store/lost-store.ts';
import { migrate } from '../store/migrate.ts';
import { pause, RETRY_MS } from './following.ts';

/** Opens a store and brings it to the newest shape. Throws when it is away, or lost. */
export async function openMigrated(location: StoreLocation, options: { building?: boolean } = {}): Promise<Database> {
  if (location.engine === 'postgres') await makeSchema(location.url, location.schema);
  const database = openDatabase(location, { ...options, connections: 2 });
  try {
    await migrate(database);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

export interface OpenOrder {
  readonly location: StoreLocation;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Why the store was lost, when it was found to be: it is made anew. */
  readonly lost?: string | undefined;
}

/** The same for the store that serves, waiting for it as long as it takes; one that is lost is made anew. Undefined when told to stop meanwhile. */
export async function openStore({ location, report, signal, lost }: OpenOrder): Promise<Database | undefined> {
  let database: Database | undefined;
  let reason = lost;
  let notice: string | undefined;
  const once = new AbortController();
  const attempt = async (): Promise<void> => {
    if (reason !== undefined) report({ ok: false, detail: (notice = await putAway(location, reason)) });
    reason = undefined;
    try {
      database = await openMigrated(location);
    } catch (error) {
      if (!meansLostStore(error)) throw error;
      return void (reason = error instanceof Error ? error.message : 'unknown');
    }
    report(notice === undefined ? { ok: true } : { ok: true, detail: notice });
    once.abort();
  };
  await keepFollowing(attempt, report, pause(RETRY_MS), AbortSignal.any([signal, once.signal]));
  return database;
}

/** Makes way for a new store where a lost one is; tells what was done. */
async function putAway(location: StoreLocation, reason: string): Promise<string> {
  const then = `the read models are built again from the log since ${new Date().toISOString()}`;
  if (location.engine === 'postgres') {
    await emptySchema(location.url, location.schema, location.migrationsTable);
    return `the tables were lost (${reason}): ${then}`;
  }
  const aside = setAside(location.file, Date.now());
  return aside === undefined ? `${reason}: ${then}` : `${reason}; the file was set aside as ${aside}: ${then}`;
}
