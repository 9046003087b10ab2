import { useNow } from '../../parts/now.ts';
import { spanText } from '../../parts/span-text.ts';
import { Time } from '../../parts/time.tsx';
import type { EventStory } from './event-story.ts';
import { LaneView } from './lane.tsx';
import { Strip } from './strip.tsx';
import type { TimeScale } from './time-scale.ts';
import { isUnderWay, timelineOf } from './timeline.ts';

/** Lanes that are shown; the list of deliveries has the others. */
const MOST_LANES = 50;
/** A gap as narrow as this has no room for its length, in percent. */
const NARROW_PCT = 7;

export interface TimelineViewProps {
  readonly story: EventStory;
  /** The delivery that the address names. */
  readonly chosen: string | null;
}

/** Everything that happened to an event on one scale of time: accepted, planned, a lane for each delivery, a bar for each attempt. */
export function TimelineView({ story, chosen }: TimelineViewProps) {
  const nowMs = useNow();
  const { scale, lanes, acceptedPct, plannedPct } = timelineOf(story, nowMs);
  const shown = lanes.filter(({ delivery }, index) => index < MOST_LANES || delivery.id === chosen);
  return (
    <div className="timeline panel">
      <div className="lane">
        <Axis scale={scale} isOpen={story.deliveries.some(isUnderWay)} />
        <Strip scale={scale} marks={[acceptedPct, ...(plannedPct === undefined ? [] : [plannedPct])]} />
        <p className="quiet">
          {plannedPct === undefined ? 'Accepted' : `Accepted, and planned ${plannedAfter(story)} later`}
          {` in ${story.region}.`}
        </p>
      </div>
      {shown.map((lane) => (
        <LaneView key={lane.delivery.id} lane={lane} scale={scale} nowMs={nowMs} isChosen={lane.delivery.id === chosen} />
      ))}
      {shown.length < lanes.length || !story.complete ? (
        <p>
          There are more deliveries than are shown here: <a href={`/deliveries?eventId=${encodeURIComponent(story.id)}`}>all of them</a>.
        </p>
      ) : null}
      {lanes.length === 0 ? null : <Legend />}
    </div>
  );
}

const plannedAfter = ({ acceptedAt, plans }: EventStory): string =>
  spanText(Math.max(0, Date.parse(plans[0]?.at ?? acceptedAt) - Date.parse(acceptedAt)));

/** When it began and ends, and how long the waits were that are drawn short. */
const Axis = ({ scale, isOpen }: { readonly scale: TimeScale; readonly isOpen: boolean }) => (
  <div className="axis">
    <span>
      <Time at={new Date(scale.fromMs).toISOString()} />
    </span>
    {scale.gaps
      .filter(({ fromPct, toPct }) => toPct - fromPct >= NARROW_PCT)
      .map(({ fromMs, toMs, fromPct, toPct }) => (
        <span key={fromMs} className="axis-gap" style={{ left: `${fromPct}%`, width: `${toPct - fromPct}%` }}>
          {spanText(toMs - fromMs)}
        </span>
      ))}
    <span className="axis-end">
      {isOpen ? 'until ' : ''}
      {isOpen ? <Time at={new Date(scale.toMs).toISOString()} isShort /> : `${spanText(scale.toMs - scale.fromMs)} in all`}
    </span>
  </div>
);

const Legend = () => (
  <ul className="legend" aria-label="What the bars show">
    <li>
      <i className="bar-key connect" /> connecting
    </li>
    <li>
      <i className="bar-key wait" /> waiting for the answer
    </li>
    <li>
      <i className="bar-key read" /> reading it
    </li>
    <li>
      <i className="bar-key pause" /> waiting for the next attempt
    </li>
    <li>
      <i className="bar-key gap" /> a long wait, drawn short
    </li>
  </ul>
);
