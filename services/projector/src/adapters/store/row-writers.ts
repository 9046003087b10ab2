import type {
  AttemptRow,
  DeadLetterRow,
  DeliveryRow,
  EndpointRow,
  EventRow,
  ProblemRow,
  TenantRow,
  TotalChange,
} from '../../domain/rows.ts';
import { type BulkTable, BulkWriter } from './bulk.ts';
import type { Engine } from './database.ts';

// What never changes is not in `changing`: SQLite rewrites the entry of every index whose column an update names, changed or not.
const event: BulkTable<EventRow> = {
  table: 'event',
  columns: [
    'id',
    'tenant_id',
    'event_type',
    'source',
    'region',
    'at',
    'state',
    'verdict',
    'detail',
    'correlation_id',
    'ordering_key',
    'stream',
    'accepted_seq',
    'plan_seq',
    'delivery_count',
  ],
  key: ['id'],
  changing: ['state', 'verdict', 'detail', 'plan_seq', 'delivery_count'],
};

const delivery: BulkTable<DeliveryRow> = {
  table: 'delivery',
  columns: [
    'id',
    'event_id',
    'tenant_id',
    'endpoint_id',
    'event_type',
    'region',
    'at',
    'state',
    'attempts',
    'last_http_status',
    'last_reason',
    'next_attempt_at',
    'updated_at',
    'ended_at',
    'end_reason',
  ],
  key: ['id'],
  changing: [
    'event_type',
    'state',
    'attempts',
    'last_http_status',
    'last_reason',
    'next_attempt_at',
    'updated_at',
    'ended_at',
    'end_reason',
  ],
};

const attempt: BulkTable<AttemptRow> = {
  table: 'attempt',
  columns: [
    'delivery_id',
    'number',
    'event_id',
    'tenant_id',
    'endpoint_id',
    'region',
    'at',
    'duration_ms',
    'outcome',
    'http_status',
    'reason',
    'detail',
    'response',
  ],
  key: ['delivery_id', 'number'],
  changing: [],
};

const deadLetterRest = ['at', 'reason', 'detail', 'http_status'] as const;
const deadLetter: BulkTable<DeadLetterRow> = {
  table: 'dead_letter',
  columns: ['id', 'kind', 'tenant_id', 'endpoint_id', 'event_id', 'event_type', 'region', ...deadLetterRest],
  key: ['id'],
  changing: deadLetterRest,
};

const total: BulkTable<TotalChange> = {
  table: 'total',
  columns: ['scope', 'scope_id', 'subject', 'state', 'value'],
  key: ['scope', 'scope_id', 'subject', 'state'],
  changing: [],
  adding: ['value'],
};

const problem: BulkTable<ProblemRow> = {
  table: 'projection_problem',
  columns: ['stream', 'seq', 'at', 'subject', 'reason'],
  key: ['stream', 'seq'],
  changing: [],
};

const tenant: BulkTable<TenantRow> = {
  table: 'tenant',
  columns: ['id', 'name', 'region', 'created_at', 'updated_at'],
  key: ['id'],
  changing: ['name', 'region', 'created_at', 'updated_at'],
};

const endpointRest = ['tenant_id', 'url', 'event_types', 'region', 'disabled_reason', 'disabled_at', 'created_at', 'updated_at'] as const;
const endpoint: BulkTable<EndpointRow> = { table: 'endpoint', columns: ['id', ...endpointRest], key: ['id'], changing: endpointRest };

/** Writers of every table, with their statements kept. */
export const rowWriters = (engine: Engine) => ({
  event: new BulkWriter(engine, event),
  delivery: new BulkWriter(engine, delivery),
  attempt: new BulkWriter(engine, attempt),
  deadLetter: new BulkWriter(engine, deadLetter),
  total: new BulkWriter(engine, total),
  problem: new BulkWriter(engine, problem),
  tenant: new BulkWriter(engine, tenant),
  endpoint: new BulkWriter(engine, endpoint),
});
export type RowWriters = ReturnType<typeof rowWriters>;
