import { Link } from 'wouter';
import { useList } from '../../api/list.ts';
import { Filters, useFilters } from '../../parts/filters.tsx';
import { Page } from '../../parts/page.tsx';
import { type Column, RowList } from '../../parts/row-list.tsx';
import { State } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import { countsText } from './counts-text.ts';
import { type Dispatch, DISPATCH_STATES } from './dispatch.ts';
import { Pauses } from './pauses.tsx';
import { StateTabs } from './state-tabs.tsx';
import { Sweeps } from './sweeps.tsx';

const BY = [
  { name: 'state', label: 'state', options: DISPATCH_STATES },
  { name: 'repository', label: 'source repository' },
  { name: 'workflow', label: 'workflow file' },
  { name: 'tenantId', label: 'tenant' },
  { name: 'region', label: 'region' },
] as const;

const COLUMNS: readonly Column<Dispatch>[] = [
  { name: 'decided', width: '7.5rem', isMinor: true, cell: ({ decidedAt }) => <Time at={decidedAt} isShort /> },
  {
    name: 'source',
    width: '4fr',
    cell: ({ eventId, workflow, repository }) => (
      <Link href={`/dispatches/${eventId}`} className="cell-link">
        {workflow} of {repository}
      </Link>
    ),
  },
  {
    name: 'state',
    width: '6.5rem',
    narrow: '5.5rem',
    cell: ({ state }) => <State value={state} tone={state === 'open' ? 'busy' : undefined} />,
  },
  {
    name: 'led to',
    width: '4fr',
    isMinor: true,
    cell: (dispatch) => <LedTo dispatch={dispatch} />,
  },
  { name: 'branch', width: '1fr', isLeast: true, cell: ({ run }) => run.branch ?? <span className="quiet">–</span> },
  { name: 'region', width: '7rem', isLeast: true, cell: ({ region }) => region },
];

/** A dispatch is done also when some of its targets were denied: those are not to be overlooked. */
function LedTo({ dispatch: { skip, counts } }: { readonly dispatch: Dispatch }) {
  if (skip !== null) return <span title={skip.detail ?? undefined}>{skip.reason.replaceAll('_', ' ')}</span>;
  const text = countsText(counts);
  return counts.denied + counts.failed + counts.unknown === 0 ? text : <strong>{text}</strong>;
}

/** What finished workflow runs led to, newest first; and what operators hold back. */
export function DispatchesPage() {
  const list = useList<Dispatch>('dispatches', '/v1/dispatches', useFilters(BY));
  return (
    <Page title="GitHub dispatches">
      <StateTabs />
      <Filters by={BY} />
      <RowList
        label="Dispatches, newest first"
        list={list}
        columns={COLUMNS}
        keyOf={({ eventId }) => eventId}
        empty={
          <p>
            A dispatch appears when a workflow run of a repository with the App ends. Locally, <code>npx waybill github demo</code> makes
            one; <code>npx waybill github lint dispatching.yml</code> tells what a file means.
          </p>
        }
      />
      <Pauses />
      <Sweeps />
    </Page>
  );
}
