import { spanText } from '../../parts/span-text.ts';
import { Time } from '../../parts/time.tsx';
import type { Endpoint } from './endpoint.ts';

/** What an endpoint takes, how fast, in which order, and how often it is tried again. */
export function Limits({ endpoint }: { readonly endpoint: Endpoint }) {
  const { id, tenantId, eventTypes, filter, region, rateLimit, ordering, retrySchedule, headers, createdAt, updatedAt } = endpoint;
  return (
    <section className="card" aria-labelledby="limits">
      <h2 id="limits">What it takes</h2>
      <dl className="kv">
        <dt>Id</dt>
        <dd className="mono">{id}</dd>
        <dt>Tenant</dt>
        <dd>{tenantId}</dd>
        <dt>Event types</dt>
        <dd>
          {eventTypes.map((type) => (
            <span key={type}>
              <code className="chip">{type}</code>{' '}
            </span>
          ))}
        </dd>
        <dt>Filter</dt>
        <dd>{filter === undefined ? 'none: every payload' : <code className="wrap">{JSON.stringify(filter)}</code>}</dd>
        <dt>Region</dt>
        <dd>{region ?? 'the home of its tenant, else where an event came in'}</dd>
        <dt>Rate</dt>
        <dd>{rateLimit === undefined ? 'no limit' : `${rateLimit} attempts a second`}</dd>
        <dt>Order</dt>
        <dd>{ordering === 'fifo' ? 'one at a time for each ordering key' : 'none'}</dd>
        <dt>Tried again after</dt>
        <dd>{retrySchedule === undefined ? 'the schedule of the deployment' : retrySchedule.map((s) => spanText(s * 1_000)).join(', ')}</dd>
        <dt>Headers</dt>
        <dd>{headers === undefined ? 'none' : `${Object.keys(headers).join(', ')} (values are not shown)`}</dd>
        <dt>Made</dt>
        <dd>
          <Time at={createdAt} />
        </dd>
        <dt>Changed</dt>
        <dd>
          <Time at={updatedAt} />
        </dd>
      </dl>
    </section>
  );
}
