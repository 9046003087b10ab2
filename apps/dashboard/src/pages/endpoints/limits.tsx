import { Copy } from '../../parts/copy.tsx';
import { Fact } from '../../parts/fact.tsx';
import { spanText } from '../../parts/span-text.ts';
import { Time } from '../../parts/time.tsx';
import type { Endpoint } from './endpoint.ts';

/** What an endpoint takes, how fast, in which order, and how often it is tried again. */
export function Limits({ endpoint }: { readonly endpoint: Endpoint }) {
  const { id, tenantId, eventTypes, filter, region, rateLimit, ordering, retrySchedule, headers, traceContext, createdAt, updatedAt } =
    endpoint;
  return (
    <section className="card" aria-labelledby="limits">
      <h2 id="limits">What it takes</h2>
      <dl className="kv">
        <Fact name="Id">
          <span className="mono">{id}</span> <Copy text={id} what="the id" />
        </Fact>
        <Fact name="Tenant">{tenantId}</Fact>
        <Fact name="Event types">
          {eventTypes.map((type) => (
            <span key={type}>
              <code className="chip">{type}</code>{' '}
            </span>
          ))}
        </Fact>
        <Fact name="Filter">{filter === undefined ? 'none: every payload' : <code className="wrap">{JSON.stringify(filter)}</code>}</Fact>
        <Fact name="Region">{region ?? 'the home of its tenant, else where an event came in'}</Fact>
        <Fact name="Rate">{rateLimit === undefined ? 'no limit' : `${rateLimit} attempts a second`}</Fact>
        <Fact name="Order">{ordering === 'fifo' ? 'one at a time for each ordering key' : 'none'}</Fact>
        <Fact name="Tried again after">
          {retrySchedule === undefined ? 'the schedule of the deployment' : retrySchedule.map((s) => spanText(s * 1_000)).join(', ')}
        </Fact>
        <Fact name="Headers">{headers === undefined ? 'none' : `${Object.keys(headers).join(', ')} (values are not shown)`}</Fact>
        <Fact name="Trace">{traceContext === true ? 'sent along as traceparent, where it is recorded' : 'not sent along'}</Fact>
        <Fact name="Made">
          <Time at={createdAt} />
        </Fact>
        <Fact name="Changed">
          <Time at={updatedAt} />
        </Fact>
      </dl>
    </section>
  );
}
