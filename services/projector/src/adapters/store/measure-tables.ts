import { type IntakeMarkRow, type Measure, ROLLUP_COUNTERS, type RollupRow, type SchemaCountRow } from '../../domain/rollup-rows.ts';
import type { BulkTable } from './bulk.ts';

const measured = <M extends Measure>(measure: M) =>
  [`${measure}_counts`, `${measure}_count`, `${measure}_p50_us`, `${measure}_p95_us`, `${measure}_p99_us`] as const;

const rollupRest = [...ROLLUP_COUNTERS, ...measured('ack'), ...measured('processing'), ...measured('attempt')] as const;
/** Replaced, not added to: quantiles are those of the whole bucket. */
export const rollup: BulkTable<RollupRow> = {
  table: 'rollup',
  columns: ['id', 'grain', 'at', ...rollupRest],
  key: ['id'],
  changing: rollupRest,
};

export const schemaCount: BulkTable<SchemaCountRow> = {
  table: 'schema_count',
  columns: ['day', 'event_type', 'version', 'verdict', 'value'],
  key: ['day', 'event_type', 'version', 'verdict'],
  changing: [],
  adding: ['value'],
};

const markRest = ['origin_seq', 'at'] as const;
export const intakeMark: BulkTable<IntakeMarkRow> = {
  table: 'intake_mark',
  columns: ['region', ...markRest],
  key: ['region'],
  changing: markRest,
};
