import { useMemo } from 'react';
import { Link } from 'wouter';
import { useList } from '../../api/list.ts';
import { Filters, useFilters } from '../../parts/filters.tsx';
import { useNow } from '../../parts/now.ts';
import { Page } from '../../parts/page.tsx';
import { type Column, RowList } from '../../parts/row-list.tsx';
import { State } from '../../parts/state.tsx';
import { Ago } from '../../parts/time.tsx';
import type { Endpoint, Secrets } from './endpoint.ts';
import { type EndpointFigures, msText, rateText, useFigures } from './endpoint-figures.ts';
import { healthOf, rotationOf } from './endpoint-health.ts';
import { Sources } from './sources.tsx';

const BY = [
  { name: 'tenantId', label: 'tenant' },
  { name: 'region', label: 'region' },
] as const;

type Figures = ReadonlyMap<string, EndpointFigures>;

const columnsOf = (figures: Figures): readonly Column<Endpoint>[] => [
  {
    name: 'endpoint',
    width: '5fr',
    cell: ({ tenantId, id, url }) => (
      <Link href={`/endpoints/${encodeURIComponent(tenantId)}/${encodeURIComponent(id)}`} className="cell-link" title={url}>
        {url.replace(/^https?:\/\//, '')}
      </Link>
    ),
  },
  {
    name: 'health',
    width: '8rem',
    narrow: '7rem',
    cell: (endpoint) => <HealthState endpoint={endpoint} figures={figures.get(endpoint.id)} />,
  },
  { name: 'tenant', width: '1.2fr', isLeast: true, cell: ({ tenantId }) => tenantId },
  { name: 'accepted today', width: '7rem', isMinor: true, cell: ({ id }) => rateText(figures.get(id)?.day) },
  { name: 'p95 today', width: '5.5rem', isMinor: true, cell: ({ id }) => msText(figures.get(id)?.day?.attempt?.p95Ms) },
  { name: 'last attempt', width: '6.5rem', isLeast: true, cell: ({ id }) => <Ago at={figures.get(id)?.lastAttempt?.at} /> },
  { name: 'secret', width: '6rem', isLeast: true, cell: ({ secrets }) => <Rotating secrets={secrets} /> },
];

function HealthState({ endpoint, figures }: { readonly endpoint: Endpoint; readonly figures: EndpointFigures | undefined }) {
  const { word, tone, says } = healthOf(endpoint, figures?.lastAttempt);
  return (
    <span title={says}>
      <State value={word} tone={tone} />
    </span>
  );
}

/** Whether a secret is being replaced. */
const Rotating = ({ secrets }: { readonly secrets: Secrets }) =>
  rotationOf(secrets, useNow()).isOn ? <State value="changing" tone="busy" /> : <span className="quiet">one</span>;

/** Where events go, and how each of them does. */
export function EndpointsPage() {
  const filter = useFilters(BY);
  const list = useList<Endpoint>('endpoints', '/v1/endpoints', filter);
  const figures = useFigures(list.data?.pages.map(({ data }) => data) ?? []);
  const columns = useMemo(() => columnsOf(figures), [figures]);
  return (
    <Page title="Endpoints">
      <Filters by={BY} />
      <div className="stack">
        <RowList
          label="Endpoints, by id"
          list={list}
          columns={columns}
          keyOf={({ tenantId, id }) => `${tenantId}/${id}`}
          empty={
            <p>
              {filter['tenantId'] === undefined && filter['region'] === undefined
                ? 'An endpoint is registered with POST /v1/tenants/{tenantId}/endpoints and a body such as {"url": "https://example.com/hooks"}.'
                : 'No endpoint fits. Choose everything to see all.'}
            </p>
          }
        />
        <p className="hint">Today is the day of UTC. Workflows on GitHub are no endpoints: see GitHub dispatches.</p>
      </div>
      <Sources tenantId={filter['tenantId']} />
    </Page>
  );
}
