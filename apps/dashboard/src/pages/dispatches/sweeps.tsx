import { useQuery } from '@tanstack/react-query';
import { spanText } from '../../parts/span-text.ts';
import { Ago } from '../../parts/time.tsx';
import { type Sweep, totalsQuery } from './dispatch.ts';

/** How far each region has looked for webhooks that GitHub made and that did not arrive: what to look at when a run is missing here. */
export function Sweeps() {
  const { data } = useQuery(totalsQuery);
  if (data === undefined || data.sweeps.length === 0) return null;
  return (
    <section className="section stack" aria-labelledby="sweeps">
      <h2 id="sweeps">Webhooks that did not arrive</h2>
      <p className="quiet">
        GitHub sends a webhook once. Its list of deliveries is read back again and again, and what is missing is asked for.
      </p>
      <div className="scroller" tabIndex={0} role="region" aria-labelledby="sweeps">
        <table>
          <thead>
            <tr>
              <th>Region</th>
              <th>Looked</th>
              <th className="minor num">Deliveries seen</th>
              <th className="num">Asked for again</th>
              <th>Missing for</th>
            </tr>
          </thead>
          <tbody>
            {data.sweeps.map((sweep) => (
              <SweepRow key={sweep.region} sweep={sweep} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const SweepRow = ({ sweep: { region, at, listed, redelivered, gapSeconds } }: { readonly sweep: Sweep }) => (
  <tr>
    <td>{region}</td>
    <td>
      <Ago at={at} />
    </td>
    <td className="minor num">{listed}</td>
    <td className="num">{redelivered}</td>
    <td>{gapSeconds === 0 ? <span className="quiet">none is missing</span> : spanText(gapSeconds * 1_000)}</td>
  </tr>
);
