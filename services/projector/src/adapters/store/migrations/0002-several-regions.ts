import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Engine } from '../database.ts';
import { addColumn, createIndex, createTable, type TableDefinition } from './table.ts';

/** Until here every row was of the one region, and of no strict tenant. */
const SCOPE = { name: 'scope', type: 'text', was: 'g' } as const;

const TABLES: Readonly<Record<string, TableDefinition>> = {
  // Two regions may each make an attempt of the same number, and a primary key cannot be changed in SQLite.
  attempt_by_region: {
    columns: {
      delivery_id: 'text',
      number: 'whole',
      region: 'text',
      event_id: 'text',
      tenant_id: 'text',
      endpoint_id: 'text',
      scope: 'text',
      at: 'whole',
      duration_ms: 'whole',
      outcome: 'text',
      http_status: 'whole?',
      reason: 'text?',
      detail: 'text?',
      response: 'text?',
    },
    key: ['delivery_id', 'number', 'region'],
  },
  claim: {
    columns: { delivery_id: 'text', taken_from: 'text', taken_by: 'text', epoch: 'whole', at: 'whole' },
    key: ['delivery_id'],
  },
  region_change: {
    columns: { at: 'whole', origin_region: 'text', origin_seq: 'whole', kind: 'text', region: 'text', detail: 'text' },
    key: ['at', 'origin_region', 'origin_seq'],
  },
  removed_record: {
    columns: { kind: 'text', id: 'text', scope: 'text', written_in: 'text', updated_at: 'whole' },
    key: ['id', 'kind'],
  },
};

const ATTEMPT_BEFORE = sql.raw(
  'delivery_id, number, region, event_id, tenant_id, endpoint_id, at, duration_ms, outcome, http_status, reason, detail, response',
);

/**
 * Read models of several regions: which rows stay at home, attempts by region, where facts were written first, takeovers and changes of regions.
 * Times of rows that are here already were a stream's, and stay.
 */
export const severalRegions = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    for (const [name, table] of Object.entries(TABLES)) await createTable(db, engine, name, table);
    for (const table of ['event', 'delivery', 'dead_letter', 'tenant', 'endpoint']) await addColumn(db, engine, table, SCOPE);
    await addColumn(db, engine, 'event', { name: 'origin_seq', type: 'whole', was: 0 });
    await addColumn(db, engine, 'event', { name: 'plans', type: 'text?' });
    await addColumn(db, engine, 'checkpoint', { name: 'origin', type: 'text?' });
    for (const table of ['tenant', 'endpoint']) await addColumn(db, engine, table, { name: 'written_in', type: 'text', was: '' });
    await sql`update event set origin_seq = accepted_seq`.execute(db);
    await sql`update tenant set written_in = region`.execute(db);
    await sql`update endpoint set written_in = region`.execute(db);
    await sql`insert into attempt_by_region (${ATTEMPT_BEFORE}, scope) select ${ATTEMPT_BEFORE}, 'g' from attempt`.execute(db);
    await db.schema.dropTable('attempt').execute();
    await db.schema.alterTable('attempt_by_region').renameTo('attempt').execute();
    await createIndex(db, { table: 'attempt', columns: ['endpoint_id', 'at', 'delivery_id', 'number', 'region'] });
  },
});
