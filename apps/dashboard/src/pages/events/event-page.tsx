import { useState } from 'react';
import { Link } from 'wouter';
import { pathOf } from '../../api/client.ts';
import { useMay } from '../../api/session.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { useNow } from '../../parts/now.ts';
import { Page } from '../../parts/page.tsx';
import { SIGNS } from '../../parts/state.tsx';
import { useUrlState } from '../../parts/url-state.ts';
import { EventFacts } from './event-facts.tsx';
import type { EventStory } from './event-story.ts';
import './events.css';
import { Payload } from './payload.tsx';
import { summaryOf } from './summary.ts';
import { TimelineView } from './timeline-view.tsx';
import { useEvent } from './use-event.ts';

/** One event: how it stands, everything that happened to it on one timeline, its payload, its facts. */
export function EventPage({ id }: { readonly id: string }) {
  const [isWhole, setWhole] = useState(false);
  const [values] = useUrlState();
  const query = useEvent(id, isWhole);
  const story = query.data?.story;
  return (
    <Page title={story === undefined ? `Event ${id}` : story.eventType} actions={story === undefined ? null : <Actions story={story} />}>
      <Loaded query={query}>
        {(event) => (
          <>
            <SummaryNote story={event.story} />
            <TimelineView story={event.story} chosen={values.get('delivery')} />
            <div className="section columns">
              <section className="stack">
                <h2>Payload</h2>
                <Payload event={event} isWhole={isWhole} onWhole={() => setWhole(true)} />
              </section>
              <section className="stack">
                <h2>Facts</h2>
                <EventFacts story={event.story} />
                <details>
                  <summary>Everything that is known of it, as the API tells it</summary>
                  <pre className="code" tabIndex={0} aria-label="The answer of the API">
                    {JSON.stringify(event.story, null, 2)}
                  </pre>
                </details>
              </section>
            </div>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function SummaryNote({ story }: { readonly story: EventStory }) {
  const { tone, title, next } = summaryOf(story, useNow());
  return (
    <div className={`note verdict ${tone}`} role="status">
      <h2>
        <span aria-hidden="true">{SIGNS[tone]}</span> {title}
      </h2>
      {next === '' ? null : <p>{next}</p>}
    </div>
  );
}

/** What a replay of this event alone is asked for with: those of its type that its tenant sent within its millisecond. */
const replayOf = ({ tenantId, eventType, acceptedAt: from }: EventStory) => ({
  new: 'replay',
  tenantId,
  eventType,
  from,
  to: new Date(Date.parse(from) + 1).toISOString(),
});

/** Replaying is a page of its own: where to, and what happens to retries that wait. It leaves out what is dispatched. */
function Actions({ story }: { readonly story: EventStory }) {
  const { id, tenantId, state, dispatch } = story;
  const may = useMay('operator');
  return (
    <>
      <Link className="button" href={`/traces/${id}`}>
        Trace
      </Link>
      <Link className="button" href={pathOf('/events', { tenantId })}>
        Events of {tenantId}
      </Link>
      {dispatch === null ? null : (
        <Link className="button" href={`/dispatches/${id}`}>
          Its dispatch
        </Link>
      )}
      {may && state !== 'refused' && dispatch === null ? (
        <Link className="button" href={pathOf('/jobs', replayOf(story))}>
          Replay …
        </Link>
      ) : null}
      {state === 'refused' ? (
        <Link className="button" href={pathOf('/dead-letters', { id })}>
          Its dead letter
        </Link>
      ) : null}
    </>
  );
}
