import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Engine } from '../database.ts';
import { addColumn, type ColumnDefinition, createIndex, createTable, type IndexDefinition, type TableDefinition } from './table.ts';

const TABLES: Readonly<Record<string, TableDefinition>> = {
  resolution: {
    columns: {
      id: 'text',
      scope: 'text',
      redriven_at: 'whole?',
      job_id: 'text?',
      discarded_at: 'whole?',
      actor: 'text?',
      reason: 'text?',
    },
    key: ['id'],
  },
  dead_letter_group: {
    columns: { scope: 'text', tenant_id: 'text', endpoint_id: 'text', reason: 'text', region: 'text', open: 'whole' },
    key: ['tenant_id', 'endpoint_id', 'reason', 'region', 'scope'],
  },
  delivery_instruction: {
    columns: {
      delivery_id: 'text',
      at: 'whole',
      origin_region: 'text',
      origin_seq: 'whole',
      scope: 'text',
      instruction: 'text',
      actor: 'text',
      reason: 'text',
    },
    key: ['delivery_id', 'at', 'origin_region', 'origin_seq'],
  },
  management_action: {
    columns: {
      at: 'whole',
      origin_region: 'text',
      origin_seq: 'whole',
      scope: 'text',
      action: 'text',
      about: 'text',
      status: 'whole',
      actor: 'text',
      reason: 'text',
      request_id: 'text?',
    },
    key: ['at', 'origin_region', 'origin_seq'],
  },
};

const COLUMNS: readonly (readonly [string, ColumnDefinition])[] = [
  ['delivery', { name: 'job_id', type: 'text?' }],
  ['delivery', { name: 'replay_of', type: 'text?' }],
  ['delivery', { name: 'plan_stream', type: 'text?' }],
  ['delivery', { name: 'plan_seq', type: 'whole?' }],
  ['dead_letter', { name: 'state', type: 'text', was: 'open' }],
  ['dead_letter', { name: 'resolved_at', type: 'whole?' }],
  ['dead_letter', { name: 'job_id', type: 'text?' }],
  ['dead_letter', { name: 'actor', type: 'text?' }],
  ['dead_letter', { name: 'resolved_reason', type: 'text?' }],
];

/**
 * Dead letters are always asked for by their state. What jobs made is found by its event too: its id does not begin with the event's own characters. Both
 * indexes hold only what jobs made, so other deliveries pay nothing for them.
 */
const INDEXES: readonly IndexDefinition[] = [
  { table: 'delivery', columns: ['job_id', 'id'], given: 'job_id' },
  { table: 'delivery', columns: ['event_id', 'id'], given: 'job_id' },
  { table: 'dead_letter', columns: ['state', 'at', 'id'] },
  { table: 'dead_letter', columns: ['tenant_id', 'state', 'at', 'id'] },
  { table: 'dead_letter', columns: ['endpoint_id', 'state', 'at', 'id'] },
  { table: 'dead_letter', columns: ['reason', 'state', 'at', 'id'] },
  // The oldest and the newest of a group.
  { table: 'dead_letter', columns: ['region', 'tenant_id', 'endpoint_id', 'reason', 'state', 'at'] },
  { table: 'management_action', columns: ['actor', 'at', 'origin_region', 'origin_seq'] },
];
const REPLACED = ['at', 'tenant_id', 'endpoint_id', 'reason'];

/** What becomes of dead letters, what jobs made, and what operators did. */
export const recovery = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    for (const [name, table] of Object.entries(TABLES)) await createTable(db, engine, name, table);
    for (const [table, column] of COLUMNS) await addColumn(db, engine, table, column);
    for (const column of REPLACED) await db.schema.dropIndex(`dead_letter_by_${column}`).execute();
    await sql`update dead_letter set endpoint_id = '' where endpoint_id is null`.execute(db);
    for (const index of INDEXES) await createIndex(db, index);
    await countGroups(db);
  },
});

interface Grouped {
  readonly id: string;
  readonly group: readonly [scope: string, tenantId: string, endpointId: string, reason: string, region: string];
}
/** Dead letters read by one statement. */
const CHUNK = 1_000;

/** Counts the dead letters that are there already, a chunk after the other. */
async function countGroups(db: Kysely<unknown>): Promise<void> {
  const counts = new Map<string, { group: Grouped['group']; open: number }>();
  for (let after = ''; ;) {
    const rows = await deadLettersAfter(db, after);
    for (const { group } of rows) {
      const key = JSON.stringify(group);
      counts.set(key, { group, open: (counts.get(key)?.open ?? 0) + 1 });
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < CHUNK) break;
    after = last.id;
  }
  for (const { group, open } of counts.values())
    await sql`insert into dead_letter_group (scope, tenant_id, endpoint_id, reason, region, open) values (${sql.join([...group])}, ${open})`.execute(
      db,
    );
}

async function deadLettersAfter(db: Kysely<unknown>, after: string): Promise<Grouped[]> {
  const { rows } = await sql<Record<'id' | 'scope' | 'tenant_id' | 'endpoint_id' | 'reason' | 'region', string>>`
    select id, scope, tenant_id, endpoint_id, reason, region from dead_letter where id > ${after} order by id limit ${CHUNK}`.execute(db);
  return rows.map((row) => ({ id: row.id, group: [row.scope, row.tenant_id, row.endpoint_id, row.reason, row.region] }));
}
