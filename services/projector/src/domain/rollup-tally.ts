import { latencyBucket, noCounts, PROCESSING_EDGES_MS } from '@waybill/contracts';
import { type Grain, GRAIN_MS, ROLLUP_COUNTERS, rollupId, type RollupCounter } from './rollup-rows.ts';
import { ROLLUP_SCOPES, type RollupScope } from './rows.ts';

/** What changes in one bucket of time: counters, and the counts of its histograms; undefined for those that stay. */
export interface Bucket extends Record<RollupCounter, number> {
  ack: number[] | undefined;
  processing: number[] | undefined;
  attempt: number[] | undefined;
}

/** What is added to one row of a rollup. */
export interface RollupChange {
  readonly id: string;
  readonly scope: RollupScope;
  readonly scopeId: string;
  readonly grain: Grain;
  /** Start of the bucket (ms). */
  readonly at: number;
  readonly bucket: Readonly<Bucket>;
}

/** Where a row is counted. Events have no endpoint, and answers no tenant. */
export interface Counted {
  readonly tenant_id?: string;
  readonly endpoint_id?: string;
  readonly region: string;
}

/** Buckets of one series by their start. */
type Series = Map<number, Bucket>;

/** From fine to coarse, each a multiple of the one before. */
const GRAINS: { readonly [S in RollupScope]: readonly [Grain, ...Grain[]] } = {
  all: ['minute', 'hour', 'day'],
  region: ['minute', 'hour', 'day'],
  tenant: ['hour', 'day'],
  endpoint: ['hour', 'day'],
};
/** The last that 13 digits can tell, in the year 2286. */
const LAST_MS = 9_999_999_999_999;

/** Adds up in memory what a batch changes, in the finest grain of each series, so that each row is written once a batch. */
export class RollupTally {
  readonly #series: { readonly [S in RollupScope]: Map<string, Series> } = {
    all: new Map(),
    tenant: new Map(),
    endpoint: new Map(),
    region: new Map(),
  };

  add(row: Counted, at: number, counter: RollupCounter, value: number): void {
    for (const bucket of this.buckets(row, at)) bucket[counter] += value;
  }

  /** The buckets in which a row is counted at a time (ms since 1970). */
  buckets({ tenant_id: tenant, endpoint_id: endpoint, region }: Counted, at: number): Bucket[] {
    const ms = Math.min(Math.max(at, 0), LAST_MS);
    const buckets = [this.#bucket('all', '', ms), this.#bucket('region', region, ms)];
    if (tenant !== undefined) buckets.push(this.#bucket('tenant', tenant, ms));
    if (endpoint !== undefined) buckets.push(this.#bucket('endpoint', endpoint, ms));
    return buckets;
  }

  #bucket(scope: RollupScope, id: string, ms: number): Bucket {
    const ofScope = this.#series[scope];
    let series = ofScope.get(id);
    if (series === undefined) ofScope.set(id, (series = new Map()));
    return bucketAt(series, startOf(ms, GRAINS[scope][0]));
  }

  changes(): RollupChange[] {
    return ROLLUP_SCOPES.flatMap((scope) => [...this.#series[scope]].flatMap(([id, series]) => changesOf(scope, id, series)));
  }
}

const startOf = (ms: number, grain: Grain): number => ms - (ms % GRAIN_MS[grain]);

const newBucket = (): Bucket => ({
  events: 0,
  deliveries: 0,
  delivered: 0,
  dead_lettered: 0,
  denied: 0,
  attempts: 0,
  failed_attempts: 0,
  refused: 0,
  ack: undefined,
  processing: undefined,
  attempt: undefined,
});

function bucketAt(series: Series, start: number): Bucket {
  let bucket = series.get(start);
  if (bucket === undefined) series.set(start, (bucket = newBucket()));
  return bucket;
}

/** Adds a duration to the histograms of buckets; one that is not known to none. */
export function addMeasure(buckets: readonly Bucket[], measure: 'processing' | 'attempt', ms: number | undefined, value: 1 | -1): void {
  if (ms === undefined) return;
  const place = latencyBucket(PROCESSING_EDGES_MS, ms);
  for (const bucket of buckets) {
    const counts = (bucket[measure] ??= noCounts(PROCESSING_EDGES_MS));
    counts[place] = (counts[place] ?? 0) + value;
  }
}

function changesOf(scope: RollupScope, scopeId: string, finest: Series): RollupChange[] {
  const [first, ...coarser] = GRAINS[scope];
  const changes: RollupChange[] = [];
  let series = finest;
  const take = (grain: Grain): void => {
    for (const [at, bucket] of series)
      if (!isNothing(bucket)) changes.push({ id: rollupId(scope, scopeId, grain, at), scope, scopeId, grain, at, bucket });
  };
  take(first);
  for (const grain of coarser) {
    series = coarsened(series, grain);
    take(grain);
  }
  return changes;
}

function coarsened(fine: Series, grain: Grain): Series {
  const coarse: Series = new Map();
  for (const [start, bucket] of fine) addBucket(bucketAt(coarse, startOf(start, grain)), bucket);
  return coarse;
}

function addBucket(to: Bucket, from: Readonly<Bucket>): void {
  to.events += from.events;
  to.deliveries += from.deliveries;
  to.delivered += from.delivered;
  to.dead_lettered += from.dead_lettered;
  to.denied += from.denied;
  to.attempts += from.attempts;
  to.failed_attempts += from.failed_attempts;
  to.refused += from.refused;
  to.ack = sumOf(to.ack, from.ack);
  to.processing = sumOf(to.processing, from.processing);
  to.attempt = sumOf(to.attempt, from.attempt);
}

/** The counts of both; never the list `right` itself, which belongs to somebody else. */
export function sumOf(left: number[] | undefined, right: readonly number[] | undefined): number[] | undefined {
  if (right === undefined) return left;
  if (left === undefined) return [...right];
  return left.map((count, at) => count + (right[at] ?? 0));
}

const isNothing = (bucket: Readonly<Bucket>): boolean =>
  ROLLUP_COUNTERS.every((counter) => bucket[counter] === 0) && [bucket.ack, bucket.processing, bucket.attempt].every(isZero);
const isZero = (counts: readonly number[] | undefined): boolean => counts === undefined || counts.every((count) => count === 0);
