import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Engine } from '../database.ts';
import {
  addColumn,
  type ColumnDefinition,
  type ColumnType,
  createIndex,
  createTable,
  type IndexDefinition,
  type TableDefinition,
} from './table.ts';

const measured = (measure: string): Record<string, ColumnType> => ({
  [`${measure}_counts`]: 'text?',
  [`${measure}_count`]: 'whole',
  [`${measure}_p50_us`]: 'whole?',
  [`${measure}_p95_us`]: 'whole?',
  [`${measure}_p99_us`]: 'whole?',
});

const TABLES: Readonly<Record<string, TableDefinition>> = {
  rollup: {
    columns: {
      id: 'key',
      grain: 'text',
      at: 'whole',
      events: 'whole',
      deliveries: 'whole',
      delivered: 'whole',
      dead_lettered: 'whole',
      denied: 'whole',
      attempts: 'whole',
      failed_attempts: 'whole',
      refused: 'whole',
      ...measured('ack'),
      ...measured('processing'),
      ...measured('attempt'),
    },
    key: ['id'],
  },
  schema_count: {
    columns: { day: 'whole', event_type: 'text', version: 'whole', verdict: 'text', value: 'whole' },
    key: ['day', 'event_type', 'version', 'verdict'],
  },
  intake_mark: {
    columns: { region: 'text', origin_seq: 'whole', at: 'whole' },
    key: ['region'],
  },
};

const COLUMNS: readonly (readonly [string, ColumnDefinition])[] = [
  ['event', { name: 'version', type: 'whole?' }],
  ['event', { name: 'min_compatible', type: 'whole?' }],
  ['attempt', { name: 'connect_ms', type: 'whole?' }],
  ['attempt', { name: 'first_byte_ms', type: 'whole?' }],
  ['dispatch', { name: 'decided_stream', type: 'text?' }],
  ['dispatch', { name: 'decided_seq', type: 'whole?' }],
  ['checkpoint', { name: 'measured_since', type: 'whole?' }],
];

/** The oldest open delivery of a region is the first entry of its index, which holds none that has ended. Most events correlate with themselves alone. */
const INDEXES: readonly IndexDefinition[] = [
  { table: 'delivery', columns: ['region', 'id'], lacking: 'ended_at' },
  { table: 'event', columns: ['correlation_id', 'id'], given: 'correlation_id' },
  { table: 'endpoint', columns: ['url', 'id'] },
  { table: 'endpoint', columns: ['tenant_id', 'id'] },
];

/**
 * What happened when, how long it took, and which versions events had. Rows that are here already are not counted in rollups and schema counts, for what
 * they say is not all that was in their facts: `measured_since` tells since when these are complete, and `waybill projections rebuild` counts everything
 * that the log still has. It is not begun by itself: it would drop what the log has lost.
 */
export const measures = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    for (const [name, table] of Object.entries(TABLES)) await createTable(db, engine, name, table);
    for (const [table, column] of COLUMNS) await addColumn(db, engine, table, column);
    for (const index of INDEXES) await createIndex(db, index);
    await sql`update checkpoint set measured_since = ${Date.now()} where seq > 0`.execute(db);
  },
});
