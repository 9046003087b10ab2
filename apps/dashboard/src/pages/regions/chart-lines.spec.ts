import { expect, it } from 'vitest';
import { chartOf } from './chart-lines.ts';
import type { Bucket, Series } from './figures.ts';

const fromMs = Date.UTC(2026, 10, 21, 10);
const counts = { deliveries: 0, delivered: 0, deadLettered: 0, denied: 0, attempts: 0, failedAttempts: 0, refused: 0 };
const bucket = (minute: number, events: number, ackMs: number | null): Bucket => ({
  at: new Date(fromMs + minute * 60_000).toISOString(),
  ...counts,
  events,
  ack: ackMs === null ? null : { p50Ms: 1, p95Ms: ackMs, p99Ms: 9, count: 1 },
  processing: null,
  attempt: null,
});
const series = (region: string, ...buckets: Bucket[]): Series => ({ region, fromMs, toMs: fromMs + 4 * 60_000, grain: 'minute', buckets });
const both = [series('us', bucket(0, 40, 12.34), bucket(2, 7, null)), series('eu')];

it('draws all regions over the same times, and what did not happen as nothing', () => {
  const { times, lines } = chartOf(both, { title: 'Events', figure: ({ events }) => events, absent: 0 });
  expect(times.map((at) => (at - fromMs) / 60_000)).toEqual([0, 1, 2, 3]);
  expect(lines.map(({ name, values }) => [name, values])).toEqual([
    ['us', [40, 0, 7, 0]],
    ['eu', [0, 0, 0, 0]],
  ]);
});

it('draws no duration where none was measured, and says so', () => {
  const { lines, summary } = chartOf(both, { title: 'Answer', figure: ({ ack }) => ack?.p95Ms ?? null, unit: 'ms', absent: null });
  expect(lines[0]?.values).toEqual([12.34, null, null, null]);
  expect(summary).toBe('us: 12.3 ms. eu: nothing measured.');
});

it('says the newest value and the highest with its time', () => {
  const { summary } = chartOf(both, { title: 'Events', figure: ({ events }) => events, absent: 0 });
  expect(summary).toMatch(/^us: 0 at last, 40 at most \(.+\)\. eu: 0\.$/);
});

it('says so when there is no region to tell of', () =>
  expect(chartOf([], { title: 'Events', figure: ({ events }) => events, absent: 0 })).toMatchObject({
    times: [],
    summary: 'Nothing to show yet.',
  }));
