import { useMemo } from 'react';
import { Link } from 'wouter';
import { useList } from '../../api/list.ts';
import { Filters, useFilters } from '../../parts/filters.tsx';
import { Page } from '../../parts/page.tsx';
import { type Column, RowList } from '../../parts/row-list.tsx';
import { State } from '../../parts/state.tsx';
import { Ago } from '../../parts/time.tsx';
import type { Endpoint } from './endpoint.ts';
import { type EndpointFigures, msText, rateText, useFigures } from './endpoint-figures.ts';
import { healthOf, rotationOf } from './endpoint-health.ts';
import { Sources } from './sources.tsx';

const BY = [
  { name: 'tenantId', label: 'tenant' },
  { name: 'region', label: 'region' },
] as const;

type Figures = ReadonlyMap<string, EndpointFigures>;

const columnsOf = (figures: Figures): readonly Column<Endpoint>[] => [
  { name: 'Health', width: '8rem', cell: (endpoint) => <HealthState endpoint={endpoint} figures={figures.get(endpoint.id)} /> },
  {
    name: 'Endpoint',
    width: '5fr',
    cell: ({ tenantId, id, url }) => (
      <Link href={`/endpoints/${encodeURIComponent(tenantId)}/${encodeURIComponent(id)}`} className="cell-link" title={url}>
        {url.replace('https://', '')}
      </Link>
    ),
  },
  { name: 'Tenant', width: '1.2fr', isMinor: true, cell: ({ tenantId }) => tenantId },
  { name: 'Accepted today', width: '7rem', cell: ({ id }) => rateText(figures.get(id)?.day) },
  { name: 'p95 today', width: '5.5rem', isMinor: true, cell: ({ id }) => msText(figures.get(id)?.day?.attempt?.p95Ms) },
  { name: 'Last attempt', width: '6.5rem', isMinor: true, cell: ({ id }) => <Ago at={figures.get(id)?.lastAttempt?.at} /> },
  { name: 'Secret', width: '6rem', isMinor: true, cell: ({ secrets }) => (rotationOf(secrets, Date.now()).isOn ? 'changing' : 'one') },
];

function HealthState({ endpoint, figures }: { readonly endpoint: Endpoint; readonly figures: EndpointFigures | undefined }) {
  const { word, tone, says } = healthOf(endpoint, figures?.lastAttempt);
  return (
    <span title={says}>
      <State value={word} tone={tone} />
    </span>
  );
}

/** Where events go, and how each of them does. */
export function EndpointsPage() {
  const filter = useFilters(BY);
  const list = useList<Endpoint>('endpoints', '/v1/endpoints', filter);
  const figures = useFigures(list.data?.pages.map(({ data }) => data) ?? []);
  const columns = useMemo(() => columnsOf(figures), [figures]);
  return (
    <Page title="Endpoints">
      <Filters by={BY} />
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
      <Sources tenantId={filter['tenantId']} />
    </Page>
  );
}
