import { Fact } from '../../parts/fact.tsx';
import type { EventSchema } from '../../api/settings.ts';
import { compatibilityText, VERDICTS, type VersionRow } from './schema-counts.ts';

const NAMES = {
  accepted: ['Accepted', 'It could be read.'],
  drop_incompatible: ['Too old', 'Its version is below minCompatible: it was set aside.'],
  reader_too_old: ['Too new', 'It asks for a newer reader: it is parked until this deployment is newer.'],
  poison: ['Unreadable', 'It is not what its version promises.'],
} as const;

const figure = new Intl.NumberFormat();

interface VersionsProps {
  readonly rows: readonly VersionRow[];
  readonly schema: EventSchema | undefined;
}

/** The rate at which events can be read, and versions by verdict, for all types and for each. */
export const Versions = ({ rows, schema }: VersionsProps) => (
  <>
    <dl className="figures">
      <div>
        <dt>compatibility rate</dt>
        <dd>{compatibilityText(rows.filter(({ eventType }) => eventType === ''))}</dd>
      </div>
      <div>
        <dt>version that is written</dt>
        <dd>{schema?.version ?? '–'}</dd>
      </div>
      <div>
        <dt>oldest that is read (minCompatible)</dt>
        <dd>{schema?.minCompatible ?? '–'}</dd>
      </div>
    </dl>
    <section className="section stack" aria-labelledby="versions">
      <h2 id="versions">Versions and what became of them</h2>
      <VersionTable rows={rows} />
      <dl className="kv hint">
        {VERDICTS.slice(1).map((verdict) => (
          <Fact key={verdict} name={NAMES[verdict][0]}>
            {NAMES[verdict][1]}
          </Fact>
        ))}
      </dl>
    </section>
  </>
);

const VersionTable = ({ rows }: Pick<VersionsProps, 'rows'>) => (
  <div className="scroller" tabIndex={0} role="region" aria-labelledby="versions">
    <table>
      <thead>
        <tr>
          <th>Event type</th>
          <th className="num">Version</th>
          {VERDICTS.map((verdict) => (
            <th key={verdict} className="num">
              {NAMES[verdict][0]}
            </th>
          ))}
          <th className="num">Compatible</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Version key={`${row.version} ${row.eventType}`} row={row} />
        ))}
      </tbody>
    </table>
  </div>
);

const Version = ({ row }: { readonly row: VersionRow }) => (
  <tr>
    <th scope="row" className="name">
      {row.eventType === '' ? <strong>all types</strong> : row.eventType}
    </th>
    <td className="num">{row.version}</td>
    {VERDICTS.map((verdict) => (
      <td key={verdict} className="num">
        {row.counts[verdict] === undefined ? <span className="quiet">0</span> : figure.format(row.counts[verdict])}
      </td>
    ))}
    <td className="num">{compatibilityText([row])}</td>
  </tr>
);
