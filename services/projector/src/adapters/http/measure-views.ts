import type { Measure, RollupRow, SchemaCountRow } from '../../domain/rollup-rows.ts';
import type { MeasuredEndpoint, MeasuredRegion } from '../queries/measured.ts';
import type { Totals } from '../queries/totals.ts';
import { attemptView, iso, totalsView } from './views.ts';

/** Quantiles of what was measured in a bucket, as they were worked out when it was written; null when nothing was. */
function quantilesOf(row: RollupRow, measure: Measure) {
  const [p50, p95, p99] = [row[`${measure}_p50_us`], row[`${measure}_p95_us`], row[`${measure}_p99_us`]];
  if (p50 === null || p95 === null || p99 === null) return null;
  return { p50Ms: p50 / 1_000, p95Ms: p95 / 1_000, p99Ms: p99 / 1_000, count: row[`${measure}_count`] };
}

/** A bucket of a series. */
export const rollupView = (row: RollupRow) => ({
  at: iso(row.at),
  events: row.events,
  deliveries: row.deliveries,
  delivered: row.delivered,
  deadLettered: row.dead_lettered,
  denied: row.denied,
  attempts: row.attempts,
  failedAttempts: row.failed_attempts,
  refused: row.refused,
  ack: quantilesOf(row, 'ack'),
  processing: quantilesOf(row, 'processing'),
  attempt: quantilesOf(row, 'attempt'),
});

const maybeRollupView = (row: RollupRow | undefined) => (row === undefined ? null : rollupView(row));

const NOTHING: Totals = { event: {}, delivery: {}, attempt: {}, dispatch: {}, dead_letter: {} };

export const regionView = ({ region, totals, oldestOpen, minute, hour }: MeasuredRegion) => ({
  region,
  totals: totalsView(totals),
  oldestOpen: oldestOpen === undefined ? null : { deliveryId: oldestOpen.id, at: iso(oldestOpen.at) },
  minute: maybeRollupView(minute),
  hour: maybeRollupView(hour),
});

/** Of an endpoint that nothing was counted for, all numbers are 0. */
export function measuredEndpointView({ endpointId, totals, hour, day, lastAttempt }: MeasuredEndpoint) {
  const { deliveries, attempts, deadLetters } = totalsView(totals ?? NOTHING);
  return {
    endpointId,
    totals: { deliveries, attempts, deadLetters },
    hour: maybeRollupView(hour),
    day: maybeRollupView(day),
    lastAttempt: lastAttempt === undefined ? null : attemptView(lastAttempt),
  };
}

/** Versions of events as they were judged, and how many a higher `minCompatible` would have refused. An empty type: all together. */
export const schemasView = (rows: readonly SchemaCountRow[]) => ({
  data: rows
    .filter(({ verdict }) => verdict !== 'would_refuse')
    .map((row) => ({ eventType: row.event_type, version: row.version, verdict: row.verdict, count: row.value })),
  whatIf: rows
    .filter(({ verdict }) => verdict === 'would_refuse')
    .map((row) => ({ eventType: row.event_type, minCompatible: row.version, refused: row.value })),
});
