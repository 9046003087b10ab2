import { ACK_EDGES_MS, noCounts, PROCESSING_EDGES_MS, quantile } from '@waybill/contracts';
import { type Measure, ROLLUP_COUNTERS, type RollupCounter, type RollupRow } from './rollup-rows.ts';
import type { RollupChange } from './rollup-tally.ts';

/** One row of a rollup with what a batch adds to it. Nothing falls below 0: of what was read before it was counted, nothing can be taken back. */
export function mergedRollup(known: RollupRow | undefined, { id, grain, at, bucket }: RollupChange): RollupRow {
  const ack = changed(ACK_EDGES_MS, ackOf(known), bucket.ack);
  const processing = changed(PROCESSING_EDGES_MS, processingOf(known), bucket.processing);
  const attempt = changed(PROCESSING_EDGES_MS, attemptOf(known), bucket.attempt);
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

const ackOf = (row: RollupRow | undefined): Measured =>
  row === undefined
    ? NOTHING
    : { counts: row.ack_counts, count: row.ack_count, p50: row.ack_p50_us, p95: row.ack_p95_us, p99: row.ack_p99_us };
const processingOf = (row: RollupRow | undefined): Measured =>
  row === undefined
    ? NOTHING
    : {
        counts: row.processing_counts,
        count: row.processing_count,
        p50: row.processing_p50_us,
        p95: row.processing_p95_us,
        p99: row.processing_p99_us,
      };
const attemptOf = (row: RollupRow | undefined): Measured =>
  row === undefined
    ? NOTHING
    : { counts: row.attempt_counts, count: row.attempt_count, p50: row.attempt_p50_us, p95: row.attempt_p95_us, p99: row.attempt_p99_us };

const changed = (edges: readonly number[], known: Measured, change: readonly number[] | undefined): Measured =>
  change === undefined ? known : measured(edges, known.counts, change);

/**
 * What a histogram comes to: `known` as a row holds it, with `change` added. What a release with other edges counted is let go of: nobody knows any more
 * between which of these it lies.
 */
export function measured(edges: readonly number[], known: string | null, change: readonly number[]): Measured {
  const before = known === null ? [] : readCounts(known);
  const counts = before.length === edges.length + 1 ? before : noCounts(edges);
  let total = 0;
  for (let at = 0; at <= edges.length; at += 1) total += counts[at] = added(counts[at], change[at] ?? 0);
  if (total === 0) return NOTHING;
  const microseconds = (q: number): number => Math.round((quantile(edges, counts, q) ?? 0) * 1_000);
  return { counts: `[${counts.join(',')}]`, count: total, p50: microseconds(0.5), p95: microseconds(0.95), p99: microseconds(0.99) };
}

const [ZERO, COMMA] = [48, 44];

/** Reads the counts of a histogram as `measured` writes them. By hand, because each row that a batch touches holds several. */
function readCounts(text: string): number[] {
  const counts: number[] = [];
  let count = 0;
  for (let at = 1; at < text.length - 1; at += 1) {
    const code = text.charCodeAt(at);
    if (code === COMMA) {
      counts.push(count);
      count = 0;
    } else count = count * 10 + code - ZERO;
  }
  counts.push(count);
  return counts;
}
