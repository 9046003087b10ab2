import type { ChartLine, ChartProps } from '../../parts/chart.tsx';
import { summaryOf } from '../regions/chart-lines.ts';
import { type Bucket, GRAIN_MS, type Series } from '../regions/figures.ts';

/** One figure of each bucket of a series. */
export interface Measure {
  readonly name: string;
  readonly unit?: string;
  readonly of: (bucket: Bucket) => number | null;
}

/** Told apart without colour too. */
const DASHES: readonly (readonly number[])[] = [[], [6, 4], [2, 3]];

/** A chart of some figures of one series. `absent`: what a bucket says that does not exist, 0 for counts, null for durations. Pure. */
export function chartOf(title: string, series: Omit<Series, 'region'>, measures: readonly Measure[], absent: 0 | null): ChartProps {
  const times: number[] = [];
  for (let at = series.fromMs; at < series.toMs; at += GRAIN_MS[series.grain]) times.push(at);
  const byTime = new Map(series.buckets.map((bucket) => [Date.parse(bucket.at), bucket]));
  const lines = measures.map(({ name, unit, of }, index): ChartLine => {
    const values = times.map((at) => {
      const bucket = byTime.get(at);
      return bucket === undefined ? absent : of(bucket);
    });
    return { name, values, ...(unit === undefined ? {} : { unit }), dash: DASHES[index % DASHES.length] ?? [] };
  });
  return { title, summary: summaryOf(times, lines), times, lines };
}
