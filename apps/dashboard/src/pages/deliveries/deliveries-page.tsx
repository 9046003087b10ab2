import { Link } from 'wouter';
import { useList } from '../../api/list.ts';
import { EndpointName } from '../../parts/endpoint-name.tsx';
import { type FilterOption, Filters, useFilters } from '../../parts/filters.tsx';
import { useNow } from '../../parts/now.ts';
import { Page } from '../../parts/page.tsx';
import { type Column, RowList } from '../../parts/row-list.tsx';
import { State } from '../../parts/state.tsx';
import { Ago, Time } from '../../parts/time.tsx';
import { shortWords } from '../events/attempt-words.ts';
import type { Delivery } from '../events/event-story.ts';

const BY: readonly FilterOption[] = [
  // Delivered ones are nearly all of them: no index holds those.
  { name: 'state', label: 'state', options: ['planned', 'delivering', 'retrying', 'dead_lettered', 'denied', 'superseded'] },
  { name: 'tenantId', label: 'tenant' },
  { name: 'endpointId', label: 'endpoint id' },
  { name: 'eventId', label: 'event id' },
  { name: 'jobId', label: 'job id' },
];

const COLUMNS: readonly Column<Delivery>[] = [
  { name: 'since', width: '7.5rem', narrow: '5rem', cell: ({ plannedAt }) => <Time at={plannedAt} isShort /> },
  {
    name: 'event type',
    width: '1.4fr',
    cell: ({ id, eventId, eventType }) => (
      <Link className="cell-link" href={`/events/${eventId}?delivery=${id}`}>
        {eventType}
      </Link>
    ),
  },
  { name: 'state', width: '8.5rem', narrow: '7.75rem', cell: ({ state }) => <State value={state} /> },
  { name: 'to', width: '2fr', isMinor: true, cell: ({ tenantId, endpointId }) => <EndpointName tenantId={tenantId} id={endpointId} /> },
  { name: 'attempts', width: '4.5rem', isLeast: true, cell: ({ attempts }) => attempts },
  { name: 'last answer', width: '1.2fr', isMinor: true, cell: lastAnswer },
  { name: 'next attempt', width: '6rem', isLeast: true, cell: ({ nextAttemptAt }) => <Next at={nextAttemptAt} /> },
  { name: 'region', width: '7rem', isLeast: true, cell: ({ region, takeover }) => takeover?.by ?? region },
];

/** From so long past its time on, an attempt waits for something else than its time, in ms. */
const OVERDUE_MS = 10_000;

function Next({ at }: { readonly at: string | null }) {
  const nowMs = useNow();
  if (at === null || nowMs - Date.parse(at) < OVERDUE_MS) return <Ago at={at} />;
  return <span title="It was due, and waits: for an open circuit, a rate limit, or what is before it in its order.">held up</span>;
}

/** What the receiver did last is the cause; how it ended is behind it, and alone only where it was never tried. */
function lastAnswer({ lastHttpStatus, lastReason, endReason, attempts }: Delivery) {
  const end = endReason?.replaceAll('_', ' ');
  return <span title={end}>{attempts === 0 && end !== undefined ? end : shortWords(lastHttpStatus, lastReason)}</span>;
}

/** The deliveries of every endpoint, newest first. */
export function DeliveriesPage() {
  const list = useList<Delivery>('deliveries', '/v1/deliveries', useFilters(BY));
  return (
    <Page title="Deliveries">
      <Filters by={BY} hasTime />
      <RowList
        label="Deliveries, newest first"
        list={list}
        columns={COLUMNS}
        keyOf={({ id }) => id}
        empty={<p>No delivery fits. Take the filter away; an event that no endpoint wanted has none.</p>}
      />
    </Page>
  );
}
