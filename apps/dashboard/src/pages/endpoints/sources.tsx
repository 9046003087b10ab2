import { useQuery } from '@tanstack/react-query';
import { Loaded } from '../../parts/loaded.tsx';
import { Ago } from '../../parts/time.tsx';
import { type Source, sourcesQuery } from './endpoint.ts';

/** Where the type of a source's events comes from, in words. */
export function typeText({ eventType }: Source): string {
  if (eventType === undefined) return 'well-known places';
  const { header, field, fixed } = eventType;
  return [header === undefined ? '' : `header ${header}`, field === undefined ? '' : `field ${field}`, fixed ?? '']
    .filter((part) => part !== '')
    .join(', else ');
}

/** Where webhooks come from: each source with its address and how its signatures are checked. */
export function Sources({ tenantId }: { readonly tenantId: string | undefined }) {
  const query = useQuery(sourcesQuery);
  return (
    <section className="section" aria-labelledby="sources">
      <h2 id="sources">Sources of webhooks{tenantId === undefined ? null : ` of ${tenantId}`}</h2>
      <Loaded query={query}>
        {({ data, done }) => (
          <SourceTable sources={data.filter((one) => tenantId === undefined || one.tenantId === tenantId)} isWhole={done} />
        )}
      </Loaded>
    </section>
  );
}

function SourceTable({ sources, isWhole }: { readonly sources: readonly Source[]; readonly isWhole: boolean }) {
  if (sources.length === 0)
    return <p className="quiet">None. A source is registered with POST /v1/sources; GitHub&apos;s App needs none.</p>;
  return (
    <>
      <div className="scroller" tabIndex={0} role="region" aria-labelledby="sources">
        <table>
          <thead>
            <tr>
              <th>Source</th>
              <th>Tenant</th>
              <th>Signature</th>
              <th className="minor">Type of its events</th>
              <th className="minor">Changed</th>
            </tr>
          </thead>
          <tbody>
            {sources.map((source) => (
              <tr key={source.id}>
                <td>
                  {source.name ?? source.id} <span className="quiet mono">/webhooks/{source.id}</span>
                </td>
                <td>{source.tenantId}</td>
                <td>{source.verification.kind === 'none' ? 'not checked' : source.verification.kind}</td>
                <td className="minor">{typeText(source)}</td>
                <td className="minor">
                  <Ago at={source.updatedAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {isWhole ? null : <p className="quiet">There are more than are shown here.</p>}
    </>
  );
}
