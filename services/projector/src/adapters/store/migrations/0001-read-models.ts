import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Engine } from '../database.ts';
import { createIndex, createTable, type IndexDefinition, type TableDefinition } from './table.ts';

const TABLES: Readonly<Record<string, TableDefinition>> = {
  event: {
    columns: {
      id: 'text',
      tenant_id: 'text',
      event_type: 'text',
      source: 'text',
      region: 'text',
      at: 'whole',
      state: 'text',
      verdict: 'text?',
      detail: 'text?',
      correlation_id: 'text?',
      ordering_key: 'text?',
      stream: 'text',
      accepted_seq: 'whole',
      plan_seq: 'whole?',
      delivery_count: 'whole',
    },
    key: ['id'],
  },
  delivery: {
    columns: {
      id: 'text',
      event_id: 'text',
      tenant_id: 'text',
      endpoint_id: 'text',
      event_type: 'text',
      region: 'text',
      at: 'whole',
      state: 'text',
      attempts: 'whole',
      last_http_status: 'whole?',
      last_reason: 'text?',
      next_attempt_at: 'whole?',
      updated_at: 'whole',
      ended_at: 'whole?',
      end_reason: 'text?',
    },
    key: ['id'],
  },
  attempt: {
    columns: {
      delivery_id: 'text',
      number: 'whole',
      event_id: 'text',
      tenant_id: 'text',
      endpoint_id: 'text',
      region: 'text',
      at: 'whole',
      duration_ms: 'whole',
      outcome: 'text',
      http_status: 'whole?',
      reason: 'text?',
      detail: 'text?',
      response: 'text?',
    },
    key: ['delivery_id', 'number'],
  },
  dead_letter: {
    columns: {
      id: 'text',
      kind: 'text',
      at: 'whole',
      tenant_id: 'text',
      endpoint_id: 'text?',
      event_id: 'text',
      event_type: 'text',
      region: 'text',
      reason: 'text',
      detail: 'text?',
      http_status: 'whole?',
    },
    key: ['id'],
  },
  total: {
    columns: { scope: 'text', scope_id: 'text', subject: 'text', state: 'text', value: 'whole' },
    key: ['scope', 'scope_id', 'subject', 'state'],
  },
  projection_problem: {
    columns: { stream: 'text', seq: 'whole', at: 'whole', subject: 'text', reason: 'text' },
    key: ['stream', 'seq'],
  },
  tenant: {
    columns: { id: 'text', name: 'text?', region: 'text', created_at: 'whole', updated_at: 'whole' },
    key: ['id'],
  },
  endpoint: {
    columns: {
      id: 'text',
      tenant_id: 'text',
      url: 'text',
      event_types: 'text',
      region: 'text',
      disabled_reason: 'text?',
      disabled_at: 'whole?',
      created_at: 'whole',
      updated_at: 'whole',
    },
    key: ['id'],
  },
  checkpoint: {
    columns: { projection: 'text', stream: 'text', seq: 'whole', stream_created: 'text?' },
    key: ['projection', 'stream'],
  },
};

/**
 * What lists may be asked by. Every index is paid for by every row, so there is none for the primary key's own order (ids sort by time),
 * none for a delivery's event (its id starts with the event's), and the states leave out the one that nearly all rows end in.
 */
const INDEXES: readonly IndexDefinition[] = [
  { table: 'event', columns: ['tenant_id', 'id'] },
  { table: 'event', columns: ['event_type', 'id'] },
  { table: 'event', columns: ['source', 'id'] },
  { table: 'event', columns: ['state', 'id'], unless: 'planned' },
  { table: 'delivery', columns: ['tenant_id', 'id'] },
  { table: 'delivery', columns: ['endpoint_id', 'id'] },
  { table: 'delivery', columns: ['state', 'id'], unless: 'delivered' },
  { table: 'attempt', columns: ['endpoint_id', 'at', 'delivery_id', 'number'] },
  { table: 'dead_letter', columns: ['at', 'id'] },
  { table: 'dead_letter', columns: ['tenant_id', 'at', 'id'] },
  { table: 'dead_letter', columns: ['endpoint_id', 'at', 'id'] },
  { table: 'dead_letter', columns: ['reason', 'at', 'id'] },
];

/** The first read models: events, deliveries, attempts, dead letters, counters, registry copies and checkpoints. */
export const readModels = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    for (const [name, table] of Object.entries(TABLES)) await createTable(db, engine, name, table);
    for (const index of INDEXES) await createIndex(db, index);
  },
});
