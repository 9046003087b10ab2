import { findPostgres, startPostgres, type TestPostgres } from '@waybill/testkit';
import { sql } from 'kysely';
import { afterAll } from 'vitest';
import { storeConformance } from '../../testing/store-conformance.ts';
import { openDatabase } from './database.ts';

let postgres: TestPostgres | undefined;
afterAll(() => postgres?.cleanup());

const LANGUAGES = sql`select from pg_collation where collprovider = 'i' and current_setting('server_version_num')::int >= 150000 limit 1`;
const CREATE = sql`create database english template template0 encoding 'UTF8' locale_provider icu icu_locale 'en-US' locale 'C'`;

/**
 * A database that sorts as a language does, as most do that were not made for this: nothing may hang on how texts are sorted. A server that knows no
 * languages is taken as it is.
 */
async function sortedByLanguage(url: string): Promise<string> {
  const database = openDatabase({ engine: 'postgres', url });
  try {
    if ((await LANGUAGES.execute(database.db)).rows.length === 0) return url;
    await CREATE.execute(database.db);
  } finally {
    await database.close();
  }
  return Object.assign(new URL(url), { pathname: '/english' }).href;
}

storeConformance('PostgreSQL', async () => {
  const found = await findPostgres();
  if ('missing' in found) return found;
  postgres = await startPostgres(found);
  return openDatabase({ engine: 'postgres', url: await sortedByLanguage(postgres.url) });
});
