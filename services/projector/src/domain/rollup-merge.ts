import { ACK_EDGES_MS, PROCESSING_EDGES_MS, quantile } from '@waybill/contracts';
import { type Measure, ROLLUP_COUNTERS, type RollupCounter, type RollupRow } from './rollup-rows.ts';
import type { RollupChange } from './rollup-tally.ts';

/** One row of a rollup with what a batch adds to it. Nothing falls below 0: of what was read before it was counted, nothing can be taken back. */
export function mergedRollup(known: RollupRow | undefined, { id, grain, at, bucket }: RollupChange): RollupRow {
  const ack = measured(ACK_EDGES_MS, known?.ack_counts ?? null, bucket.ack);
  const processing = measured(PROCESSING_EDGES_MS, known?.processing_counts ?? null, bucket.processing);
  const attempt = measured(PROCESSING_EDGES_MS, known?.attempt_counts ?? null, bucket.attempt);
  return {
    id,
    grain,
    at,
    events: added(known?.events, bucket.events),
    deliveries: added(known?.deliveries, bucket.deliveries),
    delivered: added(known?.delivered, bucket.delivered),
    dead_lettered: added(known?.dead_lettered, bucket.dead_lettered),
    denied: added(known?.denied, bucket.denied),
    attempts: added(known?.attempts, bucket.attempts),
    failed_attempts: added(known?.failed_attempts, bucket.failed_attempts),
    refused: added(known?.refused, bucket.refused),
    ack_counts: ack.counts,
    ack_count: ack.count,
    ack_p50_us: ack.p50,
    ack_p95_us: ack.p95,
    ack_p99_us: ack.p99,
    processing_counts: processing.counts,
    processing_count: processing.count,
    processing_p50_us: processing.p50,
    processing_p95_us: processing.p95,
    processing_p99_us: processing.p99,
    attempt_counts: attempt.counts,
    attempt_count: attempt.count,
    attempt_p50_us: attempt.p50,
    attempt_p95_us: attempt.p95,
    attempt_p99_us: attempt.p99,
  };
}

/** Whether a row holds nothing any more: then it is as if it had never been. */
export const isEmptyRollup = (row: { readonly [C in RollupCounter | `${Measure}_count`]?: unknown }): boolean =>
  COUNTS.every((column) => row[column] === 0);
const COUNTS = [...ROLLUP_COUNTERS, 'ack_count', 'processing_count', 'attempt_count'] as const;

const added = (known: number | undefined, change: number): number => Math.max(0, (known ?? 0) + change);

interface Measured {
  readonly counts: string | null;
  readonly count: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}
const NOTHING: Measured = { counts: null, count: 0, p50: null, p95: null, p99: null };

/** What a histogram comes to: `known` as a row holds it, with `change` added. */
export function measured(edges: readonly number[], known: string | null, change: readonly number[] | undefined): Measured {
  const counts = known === null ? [] : readCounts(known);
  const sums = Array.from({ length: edges.length + 1 }, (_, at) => added(counts[at], change?.[at] ?? 0));
  const count = sums.reduce((sum, each) => sum + each, 0);
  if (count === 0) return NOTHING;
  const microseconds = (q: number): number => Math.round((quantile(edges, sums, q) ?? 0) * 1_000);
  return { counts: JSON.stringify(sums), count, p50: microseconds(0.5), p95: microseconds(0.95), p99: microseconds(0.99) };
}

/** Reads the counts of a histogram from a row. */
export const readCounts = (text: string): number[] => text.slice(1, -1).split(',').map(Number);
