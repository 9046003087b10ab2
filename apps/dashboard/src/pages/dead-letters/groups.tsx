import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link } from 'wouter';
import { useList } from '../../api/list.ts';
import { regionsQuery } from '../../api/regions.ts';
import { EndpointName } from '../../parts/endpoint-name.tsx';
import { Page } from '../../parts/page.tsx';
import { type Column, RowList } from '../../parts/row-list.tsx';
import { isWorkflow } from '../../parts/dead-letter-reasons.ts';
import { State } from '../../parts/state.tsx';
import { Ago } from '../../parts/time.tsx';
import { useUrlState } from '../../parts/url-state.ts';
import { type Attempt, type EndpointFigures, useFigures } from '../endpoints/endpoint-figures.ts';
import { attemptWords, shortWords } from '../events/attempt-words.ts';
import type { DeadLetterGroup } from './dead-letter.ts';
import { hrefOfGroup } from './redrive-order.ts';
import { Tabs } from './tabs.tsx';

type Figures = ReadonlyMap<string, EndpointFigures>;

const columnsOf = (figures: Figures): readonly Column<DeadLetterGroup>[] => [
  {
    name: 'cause',
    width: '11rem',
    narrow: '1.6fr',
    cell: (group) => (
      <Link className="cell-link" href={hrefOfGroup(group)}>
        {group.reason.replaceAll('_', ' ')}
      </Link>
    ),
  },
  { name: 'open', width: '3.5rem', narrow: '2.5rem', cell: ({ count }) => count },
  {
    name: 'endpoint',
    width: '1.6fr',
    narrow: '1.2fr',
    cell: ({ tenantId, endpointId }) => <EndpointName tenantId={tenantId} id={endpointId} />,
  },
  {
    name: 'newest attempt',
    width: '9.5rem',
    isMinor: true,
    cell: ({ endpointId }) => <Newest attempt={figures.get(endpointId ?? '')?.lastAttempt} />,
  },
  { name: 'tenant', width: '1fr', cell: ({ tenantId }) => tenantId, isLeast: true },
  { name: 'region', width: '7.5rem', cell: ({ region }) => region, isLeast: true },
  { name: 'last', width: '6rem', cell: ({ newest }) => <Ago at={newest} />, isMinor: true },
];
const keyOf = ({ tenantId, endpointId, reason, region }: DeadLetterGroup): string => JSON.stringify([tenantId, endpointId, reason, region]);

/** Whether the receiver still fails, and how: what it was tried for may be another event. */
function Newest({ attempt }: { readonly attempt: Attempt | null | undefined }) {
  if (attempt === null || attempt === undefined) return <span className="quiet">–</span>;
  const { httpStatus, reason, outcome } = attempt;
  return (
    <span title={`The receiver ${attemptWords(attempt)}`}>
      <State value={shortWords(httpStatus, reason)} tone={outcome === 'accepted' ? 'good' : 'warn'} />
    </span>
  );
}

/** Workflows on GitHub are asked nothing like this, and a page of groups may name an endpoint more than once. */
const endpointsOf = (groups: readonly DeadLetterGroup[]): readonly { readonly id: string }[] =>
  [...new Set(groups.map(({ endpointId }) => endpointId))].flatMap((id) => (id === null || isWorkflow(id) ? [] : [{ id }]));

/** Open dead letters by endpoint and reason: what has one cause is repaired at once. */
export function Groups() {
  const [values] = useUrlState();
  const [tenantId, region] = [values.get('tenantId') ?? undefined, values.get('region') ?? undefined];
  const list = useList<DeadLetterGroup>('dead-letters', '/v1/dead-letters/groups', { tenantId, region });
  const figures = useFigures(list.data?.pages.map(({ data }) => endpointsOf(data)) ?? []);
  const columns = useMemo(() => columnsOf(figures), [figures]);
  return (
    <Page title="Dead letters">
      <Tabs current="groups" />
      <Narrowed tenantId={tenantId} region={region} />
      {list.rows.length === 0 ? null : (
        <p className="hint">Each line has one cause. Open it to look at one of them, and to redrive or discard them all.</p>
      )}
      <RowList
        label="Open dead letters by cause"
        list={list}
        columns={columns}
        keyOf={keyOf}
        empty={<p>No dead letter is open: everything that was accepted was delivered, is still tried, or was settled.</p>}
      />
    </Page>
  );
}

/** Says what of is shown, with the ways to the others. */
function Narrowed({ tenantId, region }: { readonly tenantId: string | undefined; readonly region: string | undefined }) {
  const regions = useQuery(regionsQuery).data?.data ?? [];
  if (tenantId !== undefined)
    return (
      <p>
        Those of tenant <strong>{tenantId}</strong>
        {region === undefined ? '' : ` in ${region}`}. <Link href="/dead-letters">Show all</Link>
      </p>
    );
  if (regions.length < 2) return null;
  return (
    <p className="actions region-choice">
      <Link href="/dead-letters" aria-current={region === undefined ? 'true' : undefined}>
        All regions
      </Link>
      {regions.map(({ id }) => (
        <Link key={id} href={`/dead-letters?region=${id}`} aria-current={region === id ? 'true' : undefined}>
          {id}
        </Link>
      ))}
    </p>
  );
}
