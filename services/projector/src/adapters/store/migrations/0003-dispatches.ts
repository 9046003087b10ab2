import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Engine } from '../database.ts';
import { createIndex, createTable, type IndexDefinition, type TableDefinition } from './table.ts';

const TABLES: Readonly<Record<string, TableDefinition>> = {
  dispatch: {
    columns: {
      event_id: 'text',
      tenant_id: 'text',
      scope: 'text',
      region: 'text',
      at: 'whole',
      state: 'text',
      identity: 'text',
      host: 'text',
      repository: 'text',
      repository_id: 'text',
      owner: 'text',
      repo: 'text',
      workflow: 'text',
      run_id: 'text',
      run_attempt: 'whole',
      conclusion: 'text?',
      run_event: 'text',
      branch: 'text?',
      sha: 'text',
      url: 'text',
      skip_reason: 'text?',
      skip_detail: 'text?',
      warnings: 'text',
      chain_id: 'text',
      chain_depth: 'whole',
      target_count: 'whole',
      allowed_count: 'whole',
      denied_count: 'whole',
      started_count: 'whole',
      failed_count: 'whole',
      unknown_count: 'whole',
      ended_count: 'whole',
    },
    key: ['event_id'],
  },
  dispatch_target: {
    columns: {
      event_id: 'text',
      delivery_id: 'text',
      tenant_id: 'text',
      endpoint_id: 'text',
      scope: 'text',
      decided_at: 'whole?',
      decided_by: 'text?',
      ordinal: 'whole?',
      owner: 'text',
      repo: 'text',
      workflow: 'text',
      ref: 'text?',
      rule: 'text?',
      verdict: 'text?',
      state: 'text',
      state_rank: 'whole',
      state_at: 'whole',
      state_by: 'text',
      reason: 'text?',
      detail: 'text?',
      run_id: 'text?',
      run_url: 'text?',
      how: 'text?',
      ended_run_id: 'text?',
      ended_attempt: 'whole?',
      ended_conclusion: 'text?',
      ended_url: 'text?',
      ended_at: 'whole?',
      ended_by: 'text?',
    },
    key: ['event_id', 'delivery_id'],
  },
  dispatch_report: {
    columns: {
      event_id: 'text',
      tenant_id: 'text',
      scope: 'text',
      region: 'text',
      at: 'whole',
      digest: 'text',
      failed: 'text?',
      check_run_id: 'text?',
      check_run_at: 'whole?',
      issue_number: 'whole?',
      issue_at: 'whole?',
    },
    key: ['event_id'],
  },
  dispatch_sweep: {
    columns: {
      region: 'text',
      scope: 'text',
      at: 'whole',
      from_at: 'whole',
      to_at: 'whole',
      listed: 'whole',
      redelivered: 'whole',
      gap_seconds: 'whole',
    },
    key: ['region'],
  },
};

/** Runs that lead to nothing are most runs, so the state leaves them out. The ids of runs link a dispatch with those it follows from and leads to. */
const INDEXES: readonly IndexDefinition[] = [
  { table: 'dispatch', columns: ['repository', 'event_id'] },
  { table: 'dispatch', columns: ['workflow', 'event_id'] },
  { table: 'dispatch', columns: ['tenant_id', 'event_id'] },
  { table: 'dispatch', columns: ['state', 'event_id'], unless: 'skipped' },
  { table: 'dispatch', columns: ['run_id', 'event_id'] },
  { table: 'dispatch_target', columns: ['run_id', 'event_id'] },
];

/** What finished workflow runs led to: dispatches, their targets, what was reported, and how far each region has swept. */
export const dispatches = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    for (const [name, table] of Object.entries(TABLES)) await createTable(db, engine, name, table);
    for (const index of INDEXES) await createIndex(db, index);
  },
});
