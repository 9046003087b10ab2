import { Link } from 'wouter';
import { Attempts } from './attempts.tsx';

/** What is left of an endpoint that is not registered (any more): what was sent to it, and what ended as a dead letter. */
export const RemovedEndpoint = ({ tenantId, id }: { readonly tenantId: string; readonly id: string }) => (
  <>
    <p className="note">
      <span>
        Tenant {tenantId} has no endpoint {id} here: it was removed, or never was. What was sent to it stays, as do its{' '}
        <Link href={`/dead-letters?endpointId=${encodeURIComponent(id)}`}>dead letters</Link>. <Link href="/endpoints">All endpoints</Link>
      </span>
    </p>
    <Attempts id={id} />
  </>
);
