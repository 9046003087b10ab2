import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { Link } from 'wouter';
import { ApiProblem } from '../../api/client.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { Ago } from '../../parts/time.tsx';
import { Attempts } from './attempts.tsx';
import { EndpointActions } from './endpoint-actions.tsx';
import { EndpointCharts } from './endpoint-charts.tsx';
import { type Endpoint, endpointQuery } from './endpoint.ts';
import { type Attempt, type EndpointFigures, figuresQuery, msText, rateText } from './endpoint-figures.ts';
import { healthOf } from './endpoint-health.ts';
import { Limits } from './limits.tsx';
import { RemovedEndpoint } from './removed-endpoint.tsx';
import { SecretPanel } from './secret-panel.tsx';

/** One endpoint: how it does, what it is owed, its limits and secrets, and what was sent to it last. */
export function EndpointPage({ tenantId, id }: { readonly tenantId: string; readonly id: string }) {
  const query = useQuery(endpointQuery(tenantId, id));
  return (
    <Page title={query.data?.url ?? id} actions={query.data === undefined ? null : <EndpointActions endpoint={query.data} />}>
      {query.error instanceof ApiProblem && query.error.code === 'WB_ENDPOINT_UNKNOWN' ? (
        <RemovedEndpoint tenantId={tenantId} id={id} />
      ) : (
        <Loaded query={query}>{(endpoint) => <Whole endpoint={endpoint} />}</Loaded>
      )}
    </Page>
  );
}

function Whole({ endpoint }: { readonly endpoint: Endpoint }) {
  const { id } = endpoint;
  const query = useQuery(figuresQuery([id]));
  const figures = query.data?.data[0];
  useCircuit(endpoint, figures?.lastAttempt);
  return (
    <>
      <HealthNote endpoint={endpoint} figures={figures} />
      {figures === undefined ? null : <Figures id={id} figures={figures} />}
      <EndpointCharts id={id} />
      <div className="columns section">
        <Limits endpoint={endpoint} />
        <SecretPanel endpoint={endpoint} />
      </div>
      <Attempts id={id} />
    </>
  );
}

/** A circuit that opens is told by no live frame, but follows from an attempt that failed. */
function useCircuit({ tenantId, id }: Endpoint, last: Attempt | null | undefined): void {
  const client = useQueryClient();
  const failed = last?.outcome === 'accepted' ? undefined : last?.at;
  useEffect(() => {
    if (failed !== undefined) void client.invalidateQueries({ queryKey: endpointQuery(tenantId, id).queryKey });
  }, [client, failed, tenantId, id]);
}

function HealthNote({ endpoint, figures }: { readonly endpoint: Endpoint; readonly figures: EndpointFigures | undefined }) {
  const { tone, word, says, since } = healthOf(endpoint, figures?.lastAttempt);
  return (
    <p className={`note ${tone}`} aria-live="polite">
      <span>
        <strong>{word.charAt(0).toUpperCase() + word.slice(1)}.</strong> {says}{' '}
        {since === null ? null : (
          <span className="quiet">
            Since <Ago at={since} />.
          </span>
        )}
      </span>
    </p>
  );
}

const count = new Intl.NumberFormat();

function Figures({ id, figures: { day, totals } }: { readonly id: string; readonly figures: EndpointFigures }) {
  const { deliveries } = totals;
  const link = (state: string): string => `/deliveries?endpointId=${encodeURIComponent(id)}&state=${state}`;
  return (
    <dl className="figures">
      <Figure name="accepted today">{rateText(day)}</Figure>
      <Figure name="p95 of an attempt today">{msText(day?.attempt?.p95Ms)}</Figure>
      <Figure name="attempts today">{count.format(day?.attempts ?? 0)}</Figure>
      <Figure name="delivered, ever">{count.format(deliveries['delivered'] ?? 0)}</Figure>
      <Figure name="dead letters, open">
        <Link href={`/dead-letters?endpointId=${encodeURIComponent(id)}`}>{count.format(totals.deadLetters?.['open'] ?? 0)}</Link>
      </Figure>
      <Figure name="waiting for a retry">
        <Link href={link('retrying')}>{count.format(deliveries['retrying'] ?? 0)}</Link>
      </Figure>
    </dl>
  );
}

const Figure = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
