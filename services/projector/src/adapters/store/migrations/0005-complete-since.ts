import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Engine } from '../database.ts';
import { addColumn } from './table.ts';

/** Since when the read models are complete, for those that were built from a stream which had lost its beginning. */
export const completeSince = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    await addColumn(db, engine, 'checkpoint', { name: 'complete_since', type: 'whole?' });
  },
});
