import type { ChartLine, ChartProps } from '../../parts/chart.tsx';
import { type Bucket, GRAIN_MS, type Series } from './figures.ts';
import { msText } from './region-health.ts';

/** One figure of a bucket; null where nothing was measured. */
export type Figure = (bucket: Bucket) => number | null;

export interface FigureChart {
  readonly title: string;
  readonly figure: Figure;
  readonly unit?: string;
  /** What a bucket says that does not exist: 0 for counts, null for durations. */
  readonly absent: 0 | null;
}

/** Told apart without colour too. */
const DASHES: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [10, 3, 2, 3]];

/** A chart with a line for each region over the same times. Pure. */
export function chartOf(series: readonly Series[], { title, figure, unit, absent }: FigureChart): ChartProps {
  const [first] = series;
  const times: number[] = [];
  if (first !== undefined) for (let at = first.fromMs; at < first.toMs; at += GRAIN_MS[first.grain]) times.push(at);
  const lines = series.map(({ region, buckets }, index): ChartLine => {
    const byTime = new Map(buckets.map((bucket) => [Date.parse(bucket.at), bucket]));
    const values = times.map((at) => {
      const bucket = byTime.get(at);
      return bucket === undefined ? absent : figure(bucket);
    });
    return { name: region, values, ...(unit === undefined ? {} : { unit }), dash: DASHES[index % DASHES.length] ?? [] };
  });
  return { title, summary: summaryOf(times, lines), times, lines };
}

const ofDay = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const ofYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const DAY_MS = 86_400_000;
const figureText = (value: number, unit: string | undefined): string => (unit === 'ms' ? msText(value) : `${value}`);

/** Says of each line its newest value and its highest, with the time of that. */
export function summaryOf(times: readonly number[], lines: readonly ChartLine[]): string {
  const clock = (times.at(-1) ?? 0) - (times[0] ?? 0) < DAY_MS ? ofDay : ofYear;
  const texts = lines.map(({ name, values, unit }) => {
    const newest = values.findLast((value) => value !== null);
    const highest = values.reduce((most: number | null, value) => (value !== null && value > (most ?? -1) ? value : most), null);
    if (newest === undefined || newest === null || highest === null) return `${name}: nothing measured.`;
    const at = times[values.indexOf(highest)];
    if (highest === newest || at === undefined) return `${name}: ${figureText(newest, unit)}.`;
    return `${name}: ${figureText(newest, unit)} at last, ${figureText(highest, unit)} at most (${clock.format(at)}).`;
  });
  return texts.length === 0 ? 'Nothing to show yet.' : texts.join(' ');
}
