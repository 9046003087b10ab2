import { Link } from 'wouter';
import { useList } from '../../api/list.ts';
import { type FilterOption, Filters, useFilters } from '../../parts/filters.tsx';
import { Page } from '../../parts/page.tsx';
import { type Column, RowList } from '../../parts/row-list.tsx';
import { State } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import type { ListedEvent } from './event-story.ts';
import { standingOf } from './standing.ts';

const BY: readonly FilterOption[] = [
  { name: 'tenantId', label: 'tenant' },
  { name: 'eventType', label: 'event type' },
  // Planned ones are nearly all of them: no index holds those.
  { name: 'state', label: 'state', options: ['accepted', 'unmatched', 'refused'] },
  { name: 'source', label: 'source' },
  { name: 'correlationId', label: 'correlation id' },
];

const COLUMNS: readonly Column<ListedEvent>[] = [
  { name: 'accepted', width: '7.5rem', narrow: '5rem', cell: ({ acceptedAt }) => <Time at={acceptedAt} isShort /> },
  {
    name: 'event type',
    width: '2.6fr',
    cell: ({ id, eventType }) => (
      <Link className="cell-link" href={`/events/${id}`}>
        {eventType}
      </Link>
    ),
  },
  {
    name: 'state',
    width: '9.5rem',
    narrow: '8rem',
    cell: (event) => <State {...standingOf(event)} />,
  },
  { name: 'tenant', width: '1.2fr', isMinor: true, cell: ({ tenantId }) => tenantId },
  { name: 'source', width: '1fr', isLeast: true, cell: ({ source }) => source },
  { name: 'region', width: '7rem', isLeast: true, cell: ({ region }) => region },
  { name: 'id', width: '14.5rem', isLeast: true, cell: ({ id }) => <code>{id}</code> },
];

/** The events, newest first. */
export function EventsPage() {
  const list = useList<ListedEvent>('events', '/v1/events', useFilters(BY));
  return (
    <Page title="Events">
      <Filters by={BY} hasTime />
      <RowList
        label="Events, newest first"
        list={list}
        columns={COLUMNS}
        keyOf={({ id }) => id}
        empty={
          <p>
            No event fits. Take the filter away, or send one: <code>npx waybill send</code>
          </p>
        }
      />
    </Page>
  );
}
