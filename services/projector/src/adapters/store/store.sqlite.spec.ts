import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { storeConformance } from '../../testing/store-conformance.ts';
import { openDatabase } from './database.ts';

let folder: string | undefined;
afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

storeConformance('SQLite', async () => {
  folder = await mkdtemp(join(tmpdir(), 'waybill-store-'));
  return openDatabase({ engine: 'sqlite', file: join(folder, 'store.sqlite') });
});
