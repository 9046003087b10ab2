import type { EventSchema } from '../../api/settings.ts';
import type { Trial } from './schema-counts.ts';

const figure = new Intl.NumberFormat();

interface WhatIfTableProps {
  readonly trial: Trial;
  readonly schema: EventSchema | undefined;
}

/** What each `minCompatible` would have refused of the events that were accepted; counted when they were written, so nothing is guessed. */
export function WhatIfTable({ trial: { tried, types }, schema }: WhatIfTableProps) {
  if (tried.length === 0) return null;
  return (
    <section className="section stack" aria-labelledby="what-if">
      <h2 id="what-if">If minCompatible were …</h2>
      <p className="quiet">
        … so many of the accepted events would have been refused. It is raised with EVENT_SCHEMA_MIN_COMPATIBLE; a column of zeros is safe.
      </p>
      <div className="scroller" tabIndex={0} role="region" aria-labelledby="what-if">
        <table>
          <thead>
            <tr>
              <th>Event type</th>
              {tried.map((minCompatible) => (
                <th key={minCompatible} className="num">
                  {minCompatible}
                  {minCompatible === schema?.minCompatible ? ' (now)' : null}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {types.map(({ eventType, refused }) => (
              <tr key={eventType}>
                <th scope="row" className="name">
                  {eventType === '' ? <strong>all types</strong> : eventType}
                </th>
                {tried.map((minCompatible) => {
                  const count = refused.get(minCompatible) ?? 0;
                  return (
                    <td key={minCompatible} className="num">
                      {count === 0 ? <span className="quiet">0</span> : <strong>{figure.format(count)}</strong>}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
