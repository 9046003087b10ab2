import type { Region, Regions } from '../../api/regions.ts';
import { State } from '../../parts/state.tsx';
import { isSilent, msText } from './region-health.ts';

/** A lane for each region: how much of its work it is given, who stands in, and how far it is behind each other region. */
export function Topology({ regions: { data } }: { readonly regions: Regions }) {
  return (
    <section className="section" aria-labelledby="topology">
      <h2 id="topology">Who works, and who hears whom</h2>
      <div className="scroller" tabIndex={0} role="region" aria-label="Topology: table">
        <table className="topology">
          <thead>
            <tr>
              <th scope="col">Region</th>
              <th scope="col">Work it is given</th>
              {data.map(({ id }) => (
                <th key={id} scope="col">
                  behind {id}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.map((region) => (
              <Lane key={region.id} region={region} all={data} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Lane({ region, all }: { readonly region: Region; readonly all: readonly Region[] }) {
  const { id, state, share, to, report } = region;
  const isLost = isSilent(region) && state === 'active';
  return (
    <tr>
      <th scope="row">
        {id} <State value={isLost ? 'silent' : state} tone={isLost ? 'bad' : undefined} />
      </th>
      <td>
        <div className="lane">
          <span className="bar" aria-hidden="true">
            <span style={{ width: `${share}%` }} />
          </span>
          {share} %{share < 100 ? ` → ${to ?? 'the others'}` : ''}
          {report?.spilling === true ? ', new events go elsewhere' : ''}
        </div>
      </td>
      {all.map((other) => {
        const ms = report?.lagMs[other.id];
        return <td key={other.id}>{other.id === id ? '·' : ms === undefined ? '–' : msText(ms)}</td>;
      })}
    </tr>
  );
}
