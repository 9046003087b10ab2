import type { DeadLetterGroupRow, InstructionRow, ManagementActionRow, ResolutionRow } from '../../domain/recovery-rows.ts';
import type { DeadLetterRow } from '../../domain/rows.ts';
import type { BulkTable } from './bulk.ts';

const settled = ['state', 'resolved_at', 'job_id', 'actor', 'resolved_reason'] as const;
export const deadLetter: BulkTable<DeadLetterRow> = {
  table: 'dead_letter',
  columns: [
    'id',
    'kind',
    'at',
    'tenant_id',
    'endpoint_id',
    'event_id',
    'event_type',
    'region',
    'scope',
    'reason',
    'detail',
    'http_status',
    ...settled,
  ],
  key: ['id'],
  // One of which anything else changes is removed first.
  changing: settled,
};

export const deadLetterGroup: BulkTable<DeadLetterGroupRow> = {
  table: 'dead_letter_group',
  columns: ['scope', 'tenant_id', 'endpoint_id', 'reason', 'region', 'open'],
  key: ['tenant_id', 'endpoint_id', 'reason', 'region', 'scope'],
  changing: [],
  adding: ['open'],
};

const resolutionRest = ['scope', 'redriven_at', 'job_id', 'discarded_at', 'actor', 'reason'] as const;
export const resolution: BulkTable<ResolutionRow> = {
  table: 'resolution',
  columns: ['id', ...resolutionRest],
  key: ['id'],
  changing: resolutionRest,
};

export const instruction: BulkTable<InstructionRow> = {
  table: 'delivery_instruction',
  columns: ['delivery_id', 'at', 'origin_region', 'origin_seq', 'scope', 'instruction', 'actor', 'reason'],
  key: ['delivery_id', 'at', 'origin_region', 'origin_seq'],
  changing: [],
};

export const action: BulkTable<ManagementActionRow> = {
  table: 'management_action',
  columns: ['at', 'origin_region', 'origin_seq', 'scope', 'action', 'about', 'status', 'actor', 'reason', 'request_id'],
  key: ['at', 'origin_region', 'origin_seq'],
  changing: [],
};
