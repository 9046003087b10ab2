/**
 * Upper edges of the buckets of a histogram, in ms, ascending; one more bucket holds what is above the last. The promises lie on edges (50 ms for an
 * answer, 250 ms for processing), so that read models and metrics judge them alike. Whoever changes
 * them gives the facts that carry such counts a new `v`, and has read models built again: counts of other edges cannot be added.
 */
export const ACK_EDGES_MS = [1, 2.5, 5, 10, 20, 30, 40, 50, 75, 100, 250, 500, 1_000, 2_500, 5_000, 10_000] as const;
export const PROCESSING_EDGES_MS = [
  1, 2.5, 5, 10, 20, 30, 40, 50, 75, 100, 150, 200, 250, 300, 500, 1_000, 2_500, 5_000, 10_000, 30_000,
] as const;

/** How many measurements lie in each bucket: one number for each edge, and one for what is above them. */
export type Counts = readonly number[];

/** The bucket of a duration: the first whose edge is not below it. */
export function latencyBucket(edges: readonly number[], ms: number): number {
  let at = 0;
  for (const edge of edges) {
    if (ms <= edge) return at;
    at += 1;
  }
  return at;
}

export const noCounts = (edges: readonly number[]): number[] => Array.from<number>({ length: edges.length + 1 }).fill(0);

/**
 * The duration in ms below which the share `q` (0-1] of what was counted lies, as Prometheus' `histogram_quantile` tells it: linear within a bucket, and
 * the last edge for what is above all. Undefined when nothing was counted.
 */
export function quantile(edges: readonly number[], counts: Counts, q: number): number | undefined {
  let total = 0;
  for (const count of counts) total += count;
  if (total === 0) return undefined;
  const rank = q * total;
  let below = 0;
  let lower = 0;
  let at = 0;
  for (const edge of edges) {
    const inBucket = counts[at] ?? 0;
    if (below + inBucket >= rank && inBucket > 0) return lower + ((edge - lower) * (rank - below)) / inBucket;
    below += inBucket;
    lower = edge;
    at += 1;
  }
  return lower;
}
