import { useQueries, type UseQueryResult } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Chart } from '../../parts/chart.tsx';
import { Problem } from '../../parts/problem.tsx';
import { useUrlState } from '../../parts/url-state.ts';
import { chartOf, type FigureChart } from './chart-lines.ts';
import { RANGES, rangeOf, type Series, seriesQuery } from './figures.ts';

const CHARTS: readonly FigureChart[] = [
  { title: 'Events accepted', figure: ({ events }) => events, absent: 0 },
  { title: 'Answer, p95', figure: ({ ack }) => ack?.p95Ms ?? null, unit: 'ms', absent: null },
  { title: 'Processing, p95', figure: ({ processing }) => processing?.p95Ms ?? null, unit: 'ms', absent: null },
  { title: 'Failed attempts', figure: ({ failedAttempts }) => failedAttempts, absent: 0 },
];

/** One thing from all answers, the same as long as they are. */
const together = (results: UseQueryResult<Series>[]) => ({
  series: results.flatMap(({ data }) => data ?? []),
  isPending: results.some(({ isPending }) => isPending),
  error: results.find(({ error }) => error !== null)?.error,
  again: () => void Promise.all(results.map(({ refetch }) => refetch())),
});

/** What the regions did lately, side by side; how far back is in the URL. */
export function RegionCharts({ ids }: { readonly ids: readonly string[] }) {
  const [values, change] = useUrlState();
  const range = rangeOf(values.get('range'));
  const { series, isPending, error, again } = useQueries({ queries: ids.map((id) => seriesQuery(id, range)), combine: together });
  const charts = useMemo(() => CHARTS.map((chart) => chartOf(series, chart)), [series]);
  return (
    <section className="section" aria-labelledby="lately">
      <div className="head-line">
        <h2 id="lately">Lately, by the {RANGES[range].grain}</h2>
        <div className="actions" role="group" aria-label="How far back">
          {Object.entries(RANGES).map(([name, { name: words }]) => (
            <button key={name} type="button" aria-pressed={name === range} title={words} onClick={() => change({ range: name })}>
              {name}
            </button>
          ))}
        </div>
      </div>
      {error === undefined || error === null ? null : <Problem error={error} onAgain={again} />}
      {isPending ? (
        <p className="loading" role="status">
          Loading …
        </p>
      ) : series.length === 0 ? null : (
        <div className="columns">
          {charts.map((chart) => (
            <Chart key={chart.title} {...chart} />
          ))}
        </div>
      )}
    </section>
  );
}
