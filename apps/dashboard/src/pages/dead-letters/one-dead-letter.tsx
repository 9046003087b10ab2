import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { isWorkflow, reasonWords } from '../../parts/dead-letter-reasons.ts';
import { EndpointName } from '../../parts/endpoint-name.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { State } from '../../parts/state.tsx';
import { spanText } from '../../parts/span-text.ts';
import { Time } from '../../parts/time.tsx';
import { type AttemptSeen, type DeadLetterStory, deadLetterQuery } from './dead-letter.ts';
import { Settle } from './settle.tsx';

/** One dead letter: why it is one, every attempt, and what can be done about it. */
export function OneDeadLetter({ id }: { readonly id: string }) {
  const query = useQuery(deadLetterQuery(id));
  const open = query.data?.state === 'open' ? query.data : undefined;
  return (
    <Page title={`Dead letter ${query.data?.eventType ?? id}`} actions={open === undefined ? null : <SettleOne story={open} />}>
      <Loaded query={query}>{(story) => <Story story={story} />}</Loaded>
    </Page>
  );
}

const SettleOne = ({ story: { id, region, kind, endpointId } }: { readonly story: DeadLetterStory }) => (
  <Settle choice={{ ids: [id] }} what="this dead letter" region={region} mayHoldWorkflows={kind === 'delivery' && isWorkflow(endpointId)} />
);

function Story({ story }: { readonly story: DeadLetterStory }) {
  const { means, first } = reasonWords(story.reason);
  return (
    <>
      <div className="panel group-head">
        <p>
          {means} {story.state === 'open' ? <strong>{first}</strong> : null}
        </p>
        <Facts story={story} />
      </div>
      {story.kind === 'delivery' ? <Attempts attempts={story.attempts} /> : null}
      {story.message === undefined ? null : (
        <section className="section" aria-labelledby="message">
          <h2 id="message">The message, as far as it can be shown</h2>
          <pre className="code" tabIndex={0}>
            {textOf(story.message)}
          </pre>
        </section>
      )}
    </>
  );
}

function Facts({ story }: { readonly story: DeadLetterStory }) {
  const { id, eventId, tenantId, endpointId, region, reason, detail, httpStatus, state, at } = story;
  return (
    <dl className="kv">
      <dt>State</dt>
      <dd>
        <State value={state} /> <Resolved story={story} />
      </dd>
      <dt>Reason</dt>
      <dd>{reason.replaceAll('_', ' ')}</dd>
      <dt>What was said</dt>
      <dd>{[httpStatus === null ? '' : `HTTP ${httpStatus}`, detail ?? ''].filter((text) => text !== '').join(' · ') || '–'}</dd>
      <dt>Since</dt>
      <dd>
        <Time at={at} />
      </dd>
      <dt>Event</dt>
      <dd>
        <Link href={`/events/${encodeURIComponent(eventId)}?delivery=${encodeURIComponent(id)}`}>{eventId}</Link>{' '}
        <span className="quiet">its whole way, and its payload</span>
      </dd>
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
      <dt>Id</dt>
      <dd className="mono">{id}</dd>
    </dl>
  );
}

function Resolved({ story: { resolved } }: { readonly story: DeadLetterStory }) {
  if (resolved === null) return null;
  const { at, jobId, actor, reason } = resolved;
  return (
    <>
      <Time at={at} /> {jobId === null ? null : <Link href={`/jobs/${encodeURIComponent(jobId)}`}>by job {jobId}</Link>}
      {actor === null ? null : `by ${actor}`}
      {reason === null ? null : `: ${reason}`}
    </>
  );
}

function Attempts({ attempts }: { readonly attempts: readonly AttemptSeen[] }) {
  if (attempts.length === 0) return <p className="section quiet">It was never tried: there was nobody to send to.</p>;
  return (
    <section className="section" aria-labelledby="attempts">
      <h2 id="attempts">Attempts</h2>
      <div className="scroller" tabIndex={0} role="region" aria-label="Attempts: table">
        <table>
          <thead>
            <tr>
              <th scope="col">Attempt</th>
              <th scope="col">Time</th>
              <th scope="col" className="num">
                Took
              </th>
              <th scope="col">Outcome</th>
              <th scope="col">What was said</th>
              <th scope="col">Region</th>
            </tr>
          </thead>
          <tbody>
            {attempts.map((one) => (
              <tr key={`${one.attempt} ${one.region}`}>
                <th scope="row">{one.attempt}</th>
                <td>
                  <Time at={one.at} />
                </td>
                <td className="num">{spanText(one.durationMs)}</td>
                <td>
                  <State value={one.outcome} />
                </td>
                <td>
                  {[one.httpStatus, one.reason?.replaceAll('_', ' '), one.detail].filter(Boolean).join(' · ')}
                  {one.response === null || one.response === '' ? null : <pre className="wrap">{one.response}</pre>}
                </td>
                <td className="nowrap">{one.region}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Bytes as text; what is none shows as the replacement character. */
function textOf(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (character) => character.codePointAt(0) ?? 0);
  return new TextDecoder().decode(bytes);
}
