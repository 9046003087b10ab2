import { findPostgres, startPostgres, type TestPostgres } from '@waybill/testkit';
import { afterAll } from 'vitest';
import { storeConformance } from '../../testing/store-conformance.ts';
import { openDatabase } from './database.ts';

let postgres: TestPostgres | undefined;
afterAll(() => postgres?.cleanup());

storeConformance('PostgreSQL', async () => {
  const found = await findPostgres();
  if ('missing' in found) return found;
  postgres = await startPostgres(found);
  return openDatabase({ engine: 'postgres', url: postgres.url });
});
