import { lazy, Suspense, useId, useState } from 'react';

/** One line of a chart. `unit` follows its values, as `ms`. */
export interface ChartLine {
  readonly name: string;
  readonly values: readonly (number | null)[];
  readonly unit?: string;
  /** A dash pattern beside the colour, so that lines are told apart without it. */
  readonly dash?: readonly number[];
}

export interface ChartProps {
  readonly title: string;
  /** What the chart says, in a sentence: for who cannot see it, and for who need not look closer. */
  readonly summary: string;
  /** Times in ms since 1970, ascending; as many as each line has values. */
  readonly times: readonly number[];
  readonly lines: readonly ChartLine[];
}

const Canvas = lazy(() => import('./chart-canvas.tsx').then(({ ChartCanvas }) => ({ default: ChartCanvas })));
const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'short' });

/** A chart over time, with its summary in words and the same figures as a table. The drawing is loaded when it is first needed. */
export function Chart(props: ChartProps) {
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  const { title, summary, times, lines } = props;
  return (
    <figure className="chart" aria-labelledby={id}>
      <figcaption id={id}>
        <strong>{title}</strong> <span className="quiet">{summary}</span>
        <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? 'as chart' : 'as table'}
        </button>
      </figcaption>
      {asTable ? (
        <div className="scroller" tabIndex={0} role="region" aria-label={`${title}: table`}>
          <table>
            <thead>
              <tr>
                <th>time</th>
                {lines.map(({ name, unit }) => (
                  <th key={name}>{unit === undefined ? name : `${name}, ${unit}`}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {times.map((at, index) => (
                <tr key={at}>
                  <th>{local.format(at)}</th>
                  {lines.map(({ name, values }) => (
                    <td key={name}>{values[index] ?? '–'}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <Suspense fallback={<div className="chart-space" />}>
          <Canvas {...props} />
        </Suspense>
      )}
    </figure>
  );
}
