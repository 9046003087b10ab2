/** How long a bucket is: UTC minutes, hours and days. */
export const GRAINS = ['minute', 'hour', 'day'] as const;
export type Grain = (typeof GRAINS)[number];
export const GRAIN_MS: Readonly<Record<Grain, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** What is measured: answers to accepted events (`ack`), acceptance to the end of the first attempt (`processing`), single attempts (`attempt`). */
export const MEASURES = ['ack', 'processing', 'attempt'] as const;
export type Measure = (typeof MEASURES)[number];

export const ROLLUP_COUNTERS = [
  'events',
  'deliveries',
  'delivered',
  'dead_lettered',
  'denied',
  'attempts',
  'failed_attempts',
  'refused',
] as const;
export type RollupCounter = (typeof ROLLUP_COUNTERS)[number];

/**
 * What one measure came to in a bucket. `counts`: how many in each bucket of the histogram (see contracts' `measures`), as a JSON array; null when nothing
 * was measured. `count`: all of them. The quantiles are whole microseconds, worked out when the row was written; null when nothing was measured.
 */
type Measured<M extends Measure> = { readonly [K in `${M}_counts`]: string | null } & { readonly [K in `${M}_count`]: number } & {
  readonly [K in `${M}_${'p50' | 'p95' | 'p99'}_us`]: number | null;
};

/**
 * What happened in a bucket of time, of everything, a region, a tenant or an endpoint. Minutes are kept of everything and of regions only, and for some days
 * only. Events count when they were accepted, deliveries when they were planned and once more when they ended, attempts when they began.
 */
export interface RollupRow extends Readonly<Record<RollupCounter, number>>, Measured<'ack'>, Measured<'processing'>, Measured<'attempt'> {
  /** See `rollupId`. */
  readonly id: string;
  readonly grain: Grain;
  /** Start of the bucket. */
  readonly at: number;
}

/** The id of a bucket that begins at `at` (ms): those of one series differ in their last 13 characters alone, which sort by time. `scopeId` is empty for `all`. */
export const rollupId = (scope: 'all' | 'region' | 'tenant' | 'endpoint', scopeId: string, grain: Grain, at: number): string =>
  `${scope}|${scopeId}|${grain}|${String(at).padStart(13, '0')}`;

export const SCHEMA_VERDICTS = ['accepted', 'drop_incompatible', 'reader_too_old', 'poison', 'would_refuse'] as const;
export type SchemaVerdict = (typeof SCHEMA_VERDICTS)[number];

/**
 * How many events of a type and version were given a verdict. `would_refuse`: of the accepted ones, how many would be dropped if `version` were the oldest
 * that is read. `value` is added to what the row has.
 */
export interface SchemaCountRow {
  /** The UTC day of acceptance (ms); 0: ever. */
  readonly day: number;
  /** Empty: all types together. */
  readonly event_type: string;
  readonly version: number;
  readonly verdict: SchemaVerdict;
  readonly value: number;
}

/** The newest `intake.measured` of a region that was counted, so that none counts twice. */
export interface IntakeMarkRow {
  readonly region: string;
  /** Its sequence in the LOG of `region`. */
  readonly origin_seq: number;
  readonly at: number;
}
