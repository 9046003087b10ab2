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
 * What happened when, how long it took, and which versions events had. Rows that are here already are counted in no rollup and no schema count, for they
 * do not say all that was in their facts: `measured_since` tells since when those are complete, and `waybill projections rebuild` counts everything that
 * the log still has. It is not begun by itself: it would drop what the log has lost. Dead letters are few, and counted here.
 */
export const measures = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    for (const [name, table] of Object.entries(TABLES)) await createTable(db, engine, name, table);
    for (const [table, column] of COLUMNS) await addColumn(db, engine, table, column);
    for (const index of INDEXES) await createIndex(db, index);
    await sql`update checkpoint set measured_since = ${Date.now()} where seq > 0`.execute(db);
    await countDeadLetters(db);
  },
});

type DeadLetter = Readonly<Record<'id' | 'tenant_id' | 'endpoint_id' | 'region' | 'state', string>>;
/** Dead letters read by one statement. */
const CHUNK = 1_000;

/** Counts the dead letters that are there already by their state, a chunk after the other. */
async function countDeadLetters(db: Kysely<unknown>): Promise<void> {
  const counts = new Map<string, { of: readonly [scope: string, id: string, state: string]; value: number }>();
  for (let after = ''; ;) {
    const { rows } = await sql<DeadLetter>`
      select id, tenant_id, endpoint_id, region, state from dead_letter where id > ${after} order by id limit ${CHUNK}`.execute(db);
    for (const of of rows.flatMap(placesOf)) {
      const key = JSON.stringify(of);
      counts.set(key, { of, value: (counts.get(key)?.value ?? 0) + 1 });
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < CHUNK) break;
    after = last.id;
  }
  for (const { of, value } of counts.values()) {
    const [scope, id, state] = of;
    await sql`insert into total (scope, scope_id, subject, state, value) values (${scope}, ${id}, 'dead_letter', ${state}, ${value})`.execute(
      db,
    );
  }
}

/** Where a dead letter counts, and under what. That of an event has no endpoint. */
function placesOf({ tenant_id: tenant, endpoint_id: endpoint, region, state }: DeadLetter) {
  const scopes = [['all', ''], ['tenant', tenant], ['region', region], ...(endpoint === '' ? [] : [['endpoint', endpoint]])] as const;
  return scopes.flatMap(([scope = '', id = '']) => [[scope, id, 'total'] as const, [scope, id, state] as const]);
}
