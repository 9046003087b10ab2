import { Link } from 'wouter';
import { useList } from '../../api/list.ts';
import { reasonWords } from '../../parts/dead-letter-reasons.ts';
import { EndpointName, useEndpoint } from '../../parts/endpoint-name.tsx';
import type { DeadLetterGroup } from './dead-letter.ts';
import type { Cause } from './redrive-order.ts';

/** As many as one page may have: a tenant with more has its count in the list of groups. */
const MOST_GROUPS = 250;

/** What the dead letters of a group have in common: the cause, what to do first, and how many are open. */
export function GroupHead({ group }: { readonly group: Cause }) {
  const { tenantId, endpointId, reason, region } = group;
  const groups = useList<DeadLetterGroup>('dead-letters', '/v1/dead-letters/groups', { tenantId, region, limit: MOST_GROUPS });
  const found = groups.rows.find((one) => one.endpointId === endpointId && one.reason === reason);
  const { means, first } = reasonWords(reason);
  return (
    <div className="panel group-head">
      <p>
        {means} <strong>{first}</strong>
      </p>
      <Blocked group={group} />
      <dl className="figures">
        <div>
          <dt>Open</dt>
          <dd>{found?.count ?? (groups.isPending ? '…' : groups.hasNextPage ? '–' : 0)}</dd>
        </div>
      </dl>
      <dl className="kv">
        <dt>Endpoint</dt>
        <dd>
          <EndpointName tenantId={tenantId} id={endpointId} />
        </dd>
        <dt>Tenant</dt>
        <dd>
          <Link href={`/dead-letters?tenantId=${encodeURIComponent(tenantId)}`}>{tenantId}</Link>
        </dd>
        <dt>Region</dt>
        <dd>{region}</dd>
      </dl>
    </div>
  );
}

/** A redrive leaves out what has nobody to go to: said before it is planned in vain. */
function Blocked({ group: { tenantId, endpointId } }: { readonly group: Cause }) {
  const { endpoint, isDeleted } = useEndpoint(tenantId, endpointId);
  if (isDeleted) return <p className="note warn">The endpoint was removed: a redrive would leave them all out.</p>;
  if (endpoint?.disabled === undefined) return null;
  return (
    <p className="note warn">
      <span>
        The endpoint is disabled ({endpoint.disabled.reason.replaceAll('_', ' ')}): a redrive would leave them all out.{' '}
        <Link href={`/endpoints/${encodeURIComponent(tenantId)}/${encodeURIComponent(endpointId ?? '')}`}>Take it up again first</Link>
      </span>
    </p>
  );
}
