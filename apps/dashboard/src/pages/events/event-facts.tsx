import { Link } from 'wouter';
import { pathOf } from '../../api/client.ts';
import { Copy } from '../../parts/copy.tsx';
import { Fact } from '../../parts/fact.tsx';
import { State } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import type { EventStory } from './event-story.ts';

/** Where an event came from, what it belongs to, and where its messages lie. */
export function EventFacts({ story }: { readonly story: EventStory }) {
  const { id, tenantId, source, region, acceptedAt, correlationId, orderingKey, version, minCompatible, dispatch, log } = story;
  return (
    <dl className="kv">
      <Fact name="Event">
        <code>{id}</code> <Copy text={id} what="the event id" />
      </Fact>
      <Fact name="Tenant">
        <Link href={pathOf('/events', { tenantId })}>{tenantId}</Link>
      </Fact>
      <Fact name="Source">
        <Link href={pathOf('/events', { source })}>{source}</Link>
      </Fact>
      <Fact name="Accepted">
        <Time at={acceptedAt} /> in {region}
      </Fact>
      {correlationId === id ? null : (
        <Fact name="Belongs to">
          <Link href={pathOf('/events', { correlationId })}>{correlationId}</Link>
        </Fact>
      )}
      {orderingKey === null ? null : <Fact name="Ordering key">{orderingKey}</Fact>}
      {version === null ? null : (
        <Fact name="Schema">
          version {version}
          {minCompatible === null ? '' : `, readable from ${minCompatible} on`}
        </Fact>
      )}
      {dispatch === null ? null : (
        <Fact name="GitHub">
          <Link href={`/dispatches/${id}`}>
            {dispatch.repository}, {dispatch.workflow}
          </Link>{' '}
          <State value={dispatch.state} />
        </Fact>
      )}
      <Fact name="Log">
        {log.stream ?? 'not here any more'}
        {log.acceptedSeq === null ? '' : `, accepted at ${log.acceptedSeq}`}
        {log.planSeq === null ? '' : `, planned at ${log.planSeq}`}
      </Fact>
    </dl>
  );
}
