import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { get, pathOf } from '../../api/client.ts';
import { Chart } from '../../parts/chart.tsx';
import { useUrlState } from '../../parts/url-state.ts';
import { type Bucket, GRAIN_MS, RANGES } from '../regions/figures.ts';
import { chartOf, type Measure } from './endpoint-chart.ts';

const OFFERED = ['24h', '7d', '30d'] as const;
type Offered = (typeof OFFERED)[number];
const offeredOf = (given: string | null): Offered => OFFERED.find((name) => name === given) ?? '24h';

const ATTEMPTS: readonly Measure[] = [
  { name: 'attempts', of: ({ attempts }) => attempts },
  { name: 'failed', of: ({ failedAttempts }) => failedAttempts },
];
const tenths = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms * 10) / 10);
const DURATIONS: readonly Measure[] = [
  { name: 'p50', unit: 'ms', of: ({ attempt }) => tenths(attempt?.p50Ms) },
  { name: 'p95', unit: 'ms', of: ({ attempt }) => tenths(attempt?.p95Ms) },
  { name: 'p99', unit: 'ms', of: ({ attempt }) => tenths(attempt?.p99Ms) },
];
const ENDS: readonly Measure[] = [
  { name: 'delivered', of: ({ delivered }) => delivered },
  { name: 'dead letters', of: ({ deadLettered }) => deadLettered },
];

function useSeries(id: string, range: Offered) {
  const { ms, grain } = RANGES[range];
  return useQuery({
    queryKey: ['stats', 'series', 'endpoint', id, range],
    queryFn: async ({ signal }) => {
      const toMs = Math.ceil(Date.now() / GRAIN_MS[grain]) * GRAIN_MS[grain];
      const fromMs = toMs - ms;
      const query = { scope: 'endpoint', id, grain, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
      const { data } = await get<{ readonly data: readonly Bucket[] }>(pathOf('/v1/stats/series', query), signal);
      return { fromMs, toMs, grain, buckets: data };
    },
  });
}

/** How an endpoint did over time: attempts, how long they took, and how deliveries ended. */
export function EndpointCharts({ id }: { readonly id: string }) {
  const [values, change] = useUrlState();
  const range = offeredOf(values.get('range'));
  const { data } = useSeries(id, range);
  const charts = useMemo(
    () =>
      data === undefined
        ? []
        : [
            chartOf('Attempts', data, ATTEMPTS, 0),
            chartOf('How long attempts took', data, DURATIONS, null),
            chartOf('How deliveries ended', data, ENDS, 0),
          ],
    [data],
  );
  return (
    <section className="section" aria-labelledby="over-time">
      <div className="head-line">
        <h2 id="over-time">Over time</h2>
        <div className="actions" role="group" aria-label="How far back">
          {OFFERED.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === range}
              onClick={() => change({ range: name === '24h' ? undefined : name })}
            >
              {RANGES[name].name}
            </button>
          ))}
        </div>
      </div>
      <div className="cards">
        {charts.map((chart) => (
          <Chart key={chart.title} {...chart} />
        ))}
      </div>
    </section>
  );
}
