import type { DispatchReportRow, DispatchRow, DispatchSweepRow, DispatchTargetRow } from '../../domain/dispatch-rows.ts';
import { CHANGING_DISPATCH_COLUMNS } from '../../domain/fold-dispatch.ts';
import type { BulkTable } from './bulk.ts';

export const dispatch: BulkTable<DispatchRow> = {
  table: 'dispatch',
  columns: [
    'event_id',
    'tenant_id',
    'scope',
    'identity',
    'host',
    'repository',
    'repository_id',
    'owner',
    'repo',
    'workflow',
    'run_id',
    'run_attempt',
    'conclusion',
    'run_event',
    'branch',
    'sha',
    'url',
    ...CHANGING_DISPATCH_COLUMNS,
  ],
  key: ['event_id'],
  changing: CHANGING_DISPATCH_COLUMNS,
};

const targetRest = [
  'decided_at',
  'decided_by',
  'ordinal',
  'owner',
  'repo',
  'workflow',
  'ref',
  'rule',
  'verdict',
  'state',
  'state_rank',
  'state_at',
  'state_by',
  'reason',
  'detail',
  'run_id',
  'run_url',
  'how',
  'ended_run_id',
  'ended_attempt',
  'ended_conclusion',
  'ended_url',
  'ended_at',
  'ended_by',
] as const;
export const dispatchTarget: BulkTable<DispatchTargetRow> = {
  table: 'dispatch_target',
  columns: ['event_id', 'delivery_id', 'tenant_id', 'endpoint_id', 'scope', ...targetRest],
  key: ['event_id', 'delivery_id'],
  changing: targetRest,
};

const reportRest = ['region', 'at', 'digest', 'failed', 'check_run_id', 'check_run_at', 'issue_number', 'issue_at'] as const;
export const dispatchReport: BulkTable<DispatchReportRow> = {
  table: 'dispatch_report',
  columns: ['event_id', 'tenant_id', 'scope', ...reportRest],
  key: ['event_id'],
  changing: reportRest,
};

const sweepRest = ['scope', 'at', 'from_at', 'to_at', 'listed', 'redelivered', 'gap_seconds'] as const;
export const dispatchSweep: BulkTable<DispatchSweepRow> = {
  table: 'dispatch_sweep',
  columns: ['region', ...sweepRest],
  key: ['region'],
  changing: sweepRest,
};
