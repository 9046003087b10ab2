import type { EventProgressRow } from '../../domain/event-progress.ts';
import type {
  AttemptRow,
  ClaimRow,
  DeliveryRow,
  EndpointRow,
  EventRow,
  ProblemRow,
  RegionChangeRow,
  RemovedRow,
  TenantRow,
  TotalChange,
} from '../../domain/rows.ts';
import { type BulkTable, BulkWriter } from './bulk.ts';
import type { Engine } from './database.ts';
import { intakeMark, rollup, schemaCount } from './measure-tables.ts';
import { dispatch, dispatchReport, dispatchSweep, dispatchTarget } from './dispatch-tables.ts';
import { action, deadLetter, deadLetterGroup, instruction, resolution } from './recovery-tables.ts';

// What never changes is not in `changing`: SQLite rewrites the entry of every index whose column an update names, changed or not.
const eventRest = [
  'state',
  'verdict',
  'detail',
  'origin_seq',
  'stream',
  'accepted_seq',
  'plan_seq',
  'delivery_count',
  'plans',
  'version',
  'min_compatible',
] as const;
const event: BulkTable<EventRow> = {
  table: 'event',
  columns: ['id', 'tenant_id', 'event_type', 'source', 'region', 'scope', 'at', 'correlation_id', 'ordering_key', ...eventRest],
  key: ['id'],
  changing: eventRest,
};

const madeRest = ['job_id', 'replay_of', 'plan_stream', 'plan_seq'] as const;
const delivery: BulkTable<DeliveryRow> = {
  table: 'delivery',
  columns: [
    'id',
    'event_id',
    'tenant_id',
    'endpoint_id',
    'event_type',
    'region',
    'scope',
    'at',
    'state',
    'attempts',
    'last_http_status',
    'last_reason',
    'next_attempt_at',
    'updated_at',
    'ended_at',
    'end_reason',
    ...madeRest,
  ],
  key: ['id'],
  changing: [
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
    ...madeRest,
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
    'scope',
    'at',
    'duration_ms',
    'connect_ms',
    'first_byte_ms',
    'outcome',
    'http_status',
    'reason',
    'detail',
    'response',
  ],
  key: ['delivery_id', 'number', 'region'],
  changing: [],
};

const claimRest = ['taken_from', 'taken_by', 'epoch', 'at'] as const;
const claim: BulkTable<ClaimRow> = { table: 'claim', columns: ['delivery_id', ...claimRest], key: ['delivery_id'], changing: claimRest };

const progress = ['open_count', 'delivered_count', 'failed_count'] as const;
const eventProgress: BulkTable<EventProgressRow> = {
  table: 'event_progress',
  columns: ['event_id', 'scope', ...progress],
  key: ['event_id'],
  changing: [],
  adding: progress,
};

const regionChange: BulkTable<RegionChangeRow> = {
  table: 'region_change',
  columns: ['at', 'origin_region', 'origin_seq', 'kind', 'region', 'detail'],
  key: ['at', 'origin_region', 'origin_seq'],
  changing: [],
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

const stamp = ['scope', 'written_in', 'updated_at'] as const;

const tenantRest = ['name', 'region', 'created_at', ...stamp] as const;
const tenant: BulkTable<TenantRow> = { table: 'tenant', columns: ['id', ...tenantRest], key: ['id'], changing: tenantRest };

const endpointRest = ['tenant_id', 'url', 'event_types', 'region', 'disabled_reason', 'disabled_at', 'created_at', ...stamp] as const;
const endpoint: BulkTable<EndpointRow> = { table: 'endpoint', columns: ['id', ...endpointRest], key: ['id'], changing: endpointRest };

const removed: BulkTable<RemovedRow> = {
  table: 'removed_record',
  columns: ['kind', 'id', ...stamp],
  key: ['id', 'kind'],
  changing: stamp,
};

/** Writers of every table, with their statements kept. */
export const rowWriters = (engine: Engine) => ({
  event: new BulkWriter(engine, event),
  delivery: new BulkWriter(engine, delivery),
  attempt: new BulkWriter(engine, attempt),
  deadLetter: new BulkWriter(engine, deadLetter),
  deadLetterGroup: new BulkWriter(engine, deadLetterGroup),
  resolution: new BulkWriter(engine, resolution),
  instruction: new BulkWriter(engine, instruction),
  action: new BulkWriter(engine, action),
  claim: new BulkWriter(engine, claim),
  regionChange: new BulkWriter(engine, regionChange),
  dispatch: new BulkWriter(engine, dispatch),
  dispatchTarget: new BulkWriter(engine, dispatchTarget),
  dispatchReport: new BulkWriter(engine, dispatchReport),
  dispatchSweep: new BulkWriter(engine, dispatchSweep),
  eventProgress: new BulkWriter(engine, eventProgress),
  total: new BulkWriter(engine, total),
  rollup: new BulkWriter(engine, rollup),
  schemaCount: new BulkWriter(engine, schemaCount),
  intakeMark: new BulkWriter(engine, intakeMark),
  problem: new BulkWriter(engine, problem),
  tenant: new BulkWriter(engine, tenant),
  endpoint: new BulkWriter(engine, endpoint),
  removed: new BulkWriter(engine, removed),
});
export type RowWriters = ReturnType<typeof rowWriters>;
