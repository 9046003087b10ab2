import { useQuery } from '@tanstack/react-query';
import { Page } from '../../parts/page.tsx';
import { Empty, Problem } from '../../parts/problem.tsx';
import { useUrlState } from '../../parts/url-state.ts';
import { settingsQuery } from '../../api/settings.ts';
import { rowsOf, trialOf, useSchemas } from './schema-counts.ts';
import { Versions } from './versions.tsx';
import { WhatIfTable } from './what-if-table.tsx';

/** Which versions events have, how many of them can be read, and what a higher `minCompatible` would refuse. */
export function SchemasPage() {
  const [values, change] = useUrlState();
  const day = values.get('day') ?? undefined;
  return (
    <Page
      title="Schemas"
      actions={
        <>
          <button type="button" aria-pressed={day === undefined} onClick={() => change({ day: undefined })}>
            Ever
          </button>
          <label>
            <span className="unseen">One day (UTC)</span>
            <input type="date" value={day ?? ''} onChange={(event) => change({ day: event.currentTarget.value })} />
          </label>
        </>
      }
    >
      <Schemas day={day} />
    </Page>
  );
}

function Schemas({ day }: { readonly day: string | undefined }) {
  const { query, counts, whatIf } = useSchemas(day);
  const settings = useQuery(settingsQuery);
  const problem = query.error === null ? null : <Problem error={query.error} onAgain={() => void query.refetch()} />;
  if (query.data === undefined)
    return (
      problem ?? (
        <p className="loading" role="status">
          Loading …
        </p>
      )
    );
  const schema = settings.data?.eventSchema;
  return (
    <>
      {problem}
      {counts.length === 0 ? (
        <Empty title="No event is counted here">
          <p>{day === undefined ? 'Events are counted as they are judged: npx waybill send sends one.' : 'Choose another day, or ever.'}</p>
        </Empty>
      ) : (
        <>
          <Versions rows={rowsOf(counts)} schema={schema} />
          <WhatIfTable trial={trialOf(whatIf)} schema={schema} />
        </>
      )}
      {query.hasNextPage ? (
        <button type="button" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {query.isFetchingNextPage ? 'Loading more …' : 'Show more types'}
        </button>
      ) : null}
    </>
  );
}
