import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { ApiProblem, get } from '../api/client.ts';
import { isWorkflow } from './dead-letter-reasons.ts';

interface Endpoint {
  readonly url: string;
  readonly disabled?: { readonly reason: string };
}

const ONE_HOUR_MS = 3_600_000;

/** An endpoint of the registry; undefined while it is asked for, and when this region does not know it. */
export function useEndpoint(
  tenantId: string | null,
  id: string | null,
): { readonly endpoint: Endpoint | undefined; readonly isDeleted: boolean } {
  const isRegistered = tenantId !== null && id !== null && !isWorkflow(id) && !id.startsWith('region.');
  const { data, error } = useQuery({
    queryKey: ['endpoints', 'one', tenantId, id],
    queryFn: ({ signal }) =>
      get<Endpoint>(`/v1/tenants/${encodeURIComponent(tenantId ?? '')}/endpoints/${encodeURIComponent(id ?? '')}`, signal),
    enabled: isRegistered,
    staleTime: ONE_HOUR_MS,
  });
  return { endpoint: data, isDeleted: error instanceof ApiProblem && error.status === 404 };
}

/** Where something should have gone: the address that people know, linked to the endpoint; the workflow that was to be started; or nowhere. */
export function EndpointName({ tenantId, id }: { readonly tenantId: string; readonly id: string | null }) {
  const { endpoint, isDeleted } = useEndpoint(tenantId, id);
  if (id === null) return <span className="quiet">none: the event was set aside</span>;
  if (isWorkflow(id)) return <span>workflow {id.slice(id.indexOf(':') + 1)}</span>;
  if (id.startsWith('region.')) return <span>default address of {id.slice('region.'.length)}</span>;
  const text = endpoint?.url.replace(/^https?:\/\//, '') ?? id;
  return (
    <>
      <Link href={`/endpoints/${encodeURIComponent(tenantId)}/${encodeURIComponent(id)}`} title={endpoint?.url}>
        {text}
      </Link>
      {isDeleted ? <span className="quiet"> (removed)</span> : null}
      {endpoint?.disabled === undefined ? null : <span className="quiet"> (disabled)</span>}
    </>
  );
}
