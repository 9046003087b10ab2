import { useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { isWorkflow } from '../../parts/dead-letter-reasons.ts';
import { EndpointName } from '../../parts/endpoint-name.tsx';
import { State } from '../../parts/state.tsx';
import { AttemptTable } from './attempt-table.tsx';
import { deliveryWords } from './delivery-words.ts';
import type { StoryDelivery } from './event-story.ts';
import { LaneActions } from './lane-actions.tsx';
import { LaneRecord } from './lane-record.tsx';
import { Strip } from './strip.tsx';
import type { TimeScale } from './time-scale.ts';
import type { Lane } from './timeline.ts';

export interface LaneViewProps {
  readonly lane: Lane;
  readonly scale: TimeScale;
  readonly nowMs: number;
  readonly isChosen: boolean;
}

const ENDED_BADLY: ReadonlySet<StoryDelivery['state']> = new Set(['dead_lettered', 'denied']);

/** One delivery: where it goes, what happened, what comes next, what to do. */
export function LaneView({ lane, scale, nowMs, isChosen }: LaneViewProps) {
  const { delivery, plannedPct, bars, waiting } = lane;
  const { what, next } = deliveryWords(delivery, nowMs);
  const article = useRef<HTMLElement>(null);
  const [isOpen, setOpen] = useState(isChosen || delivery.state === 'retrying' || ENDED_BADLY.has(delivery.state));
  useEffect(() => {
    if (isChosen) article.current?.scrollIntoView({ block: 'nearest' });
  }, [isChosen]);
  return (
    <article className={isChosen ? 'lane chosen' : 'lane'} id={delivery.id} ref={article} aria-label={`Delivery ${delivery.id}`}>
      <div className="head-line">
        <h3>
          <State value={delivery.state} /> <EndpointName tenantId={delivery.tenantId} id={delivery.endpointId} />
          <Where delivery={delivery} />
        </h3>
        <LaneActions delivery={delivery} />
      </div>
      <Strip scale={scale} marks={[plannedPct]} bars={bars} waiting={waiting} />
      <p>
        {what} {ENDED_BADLY.has(delivery.state) ? <strong>{next}</strong> : next} <Links delivery={delivery} />
      </p>
      <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{bars.length === 0 ? 'Record' : bars.length === 1 ? '1 attempt' : `${bars.length} attempts`}</summary>
        {isOpen ? (
          <div className="stack">
            {bars.length === 0 ? null : <AttemptTable bars={bars} />}
            <LaneRecord delivery={delivery} />
          </div>
        ) : null}
      </details>
    </article>
  );
}

function Where({ delivery: { region, takeover } }: { readonly delivery: StoryDelivery }) {
  return (
    <span className="quiet">
      {' '}
      from {takeover?.by ?? region}
      {takeover === null ? '' : `, taken over from ${takeover.of}`}
    </span>
  );
}

/** Where the rest of it is: the run, the dispatch, the job that made it. */
function Links({ delivery: { endpointId, eventId, run, jobId, state } }: { readonly delivery: StoryDelivery }) {
  return (
    <>
      {run?.url ? (
        <a href={run.url} rel="noreferrer">
          the run on GitHub{run.conclusion === null ? '' : `: ${run.conclusion}`}
        </a>
      ) : null}{' '}
      {isWorkflow(endpointId) ? (
        <Link href={`/dispatches/${eventId}`}>{state === 'denied' ? 'why it was denied' : 'why it was dispatched'}</Link>
      ) : null}{' '}
      {jobId === null ? null : <Link href={`/jobs/${jobId}`}>the job that made it</Link>}
    </>
  );
}
