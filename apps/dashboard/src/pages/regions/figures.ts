import { queryOptions } from '@tanstack/react-query';
import { get, pathOf } from '../../api/client.ts';

/** How long things took, as the read models computed it when they wrote it. */
export interface Quantiles {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly count: number;
}

/** What happened in one stretch of time. */
export interface Bucket {
  /** Its beginning. */
  readonly at: string;
  readonly events: number;
  readonly deliveries: number;
  readonly delivered: number;
  readonly deadLettered: number;
  readonly denied: number;
  readonly attempts: number;
  readonly failedAttempts: number;
  readonly refused: number;
  readonly ack: Quantiles | null;
  readonly processing: Quantiles | null;
  readonly attempt: Quantiles | null;
}

/** Figures of one region. `minute`: the newest whole minute of the last ten in which anything happened; `hour`: this one. */
export interface RegionFigures {
  readonly region: string;
  readonly totals: { readonly deadLetters: Readonly<Record<string, number>> };
  readonly oldestOpen: { readonly deliveryId: string; readonly at: string } | null;
  readonly minute: Bucket | null;
  readonly hour: Bucket | null;
}

export const figuresQuery = queryOptions({
  queryKey: ['stats', 'regions'],
  queryFn: ({ signal }) => get<{ readonly data: readonly RegionFigures[] }>('/v1/stats/regions', signal),
});

export type Grain = 'minute' | 'hour' | 'day';
export const GRAIN_MS: Readonly<Record<Grain, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** How far back charts go, in which grain. */
export const RANGES = {
  '1h': { name: 'an hour', ms: 3_600_000, grain: 'minute' },
  '6h': { name: '6 hours', ms: 21_600_000, grain: 'minute' },
  '24h': { name: '24 hours', ms: 86_400_000, grain: 'hour' },
  '7d': { name: '7 days', ms: 604_800_000, grain: 'hour' },
  '30d': { name: '30 days', ms: 2_592_000_000, grain: 'day' },
} as const satisfies Record<string, { readonly name: string; readonly ms: number; readonly grain: Grain }>;
export type Range = keyof typeof RANGES;
export const rangeOf = (given: string | null): Range => Object.keys(RANGES).find((name): name is Range => name === given) ?? '1h';

/** Buckets of one region, ascending; those in which nothing happened are left out. */
export interface Series {
  readonly region: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly grain: Grain;
  readonly buckets: readonly Bucket[];
}

/** What happened at the end of a bucket is read by then. */
const READ_AFTER_MS = 5_000;

/** The end of the newest bucket that is over and read, in ms: the one after it would look like a fall. */
export const bucketEndMs = (grain: Grain, nowMs: number): number => Math.floor((nowMs - READ_AFTER_MS) / GRAIN_MS[grain]) * GRAIN_MS[grain];

/** How long it is until one more bucket is over and read, in ms, at least one. */
export const untilNextBucketMs = (grain: Grain, nowMs: number): number =>
  bucketEndMs(grain, nowMs) + GRAIN_MS[grain] + READ_AFTER_MS - nowMs;

/**
 * The figures of a region from a range ago until now. No live frame makes them old, for buckets that are over hardly change: they are asked for again when
 * one more is.
 */
export const seriesQuery = (region: string, range: Range) => {
  const { ms, grain } = RANGES[range];
  return queryOptions({
    queryKey: ['series', 'region', region, range],
    queryFn: async ({ signal }): Promise<Series> => {
      const toMs = bucketEndMs(grain, Date.now());
      const fromMs = toMs - ms;
      const query = { scope: 'region', id: region, grain, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
      const { data } = await get<{ readonly data: readonly Bucket[] }>(pathOf('/v1/stats/series', query), signal);
      return { region, fromMs, toMs, grain, buckets: data };
    },
    refetchInterval: () => untilNextBucketMs(grain, Date.now()),
  });
};
