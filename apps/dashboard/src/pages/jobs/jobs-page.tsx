import { Link } from 'wouter';
import { useList } from '../../api/list.ts';
import { useMay } from '../../api/session.ts';
import { type FilterOption, Filters, useFilters } from '../../parts/filters.tsx';
import { Page } from '../../parts/page.tsx';
import { type Column, RowList } from '../../parts/row-list.tsx';
import { State } from '../../parts/state.tsx';
import { Ago } from '../../parts/time.tsx';
import { useUrlState } from '../../parts/url-state.ts';
import { COMMANDS, type Job } from './job.ts';
import { ReplayPage } from './replay-page.tsx';
import { specWords } from './spec-words.ts';
import './jobs.css';

const BY: readonly FilterOption[] = [
  { name: 'state', label: 'state', options: Object.keys(COMMANDS) },
  { name: 'kind', label: 'kind', options: ['redrive', 'replay'] },
];

const COLUMNS: readonly Column<Job>[] = [
  {
    name: 'job',
    width: '3fr',
    cell: ({ id, kind, spec }) => (
      <Link className="cell-link" href={`/jobs/${id}`} title={id}>
        {kind} {specWords(spec)}
      </Link>
    ),
  },
  { name: 'state', width: '7rem', narrow: '6.5rem', cell: ({ state }) => <State value={state} /> },
  {
    name: 'progress',
    width: '8rem',
    cell: ({ id, progress: { percent } }) => (
      <span className="share">
        <progress value={percent} max={100} aria-label={`Progress of ${id}`} /> {Math.floor(percent)} %
      </span>
    ),
    isMinor: true,
  },
  { name: 'made', width: '7rem', cell: ({ createdAt }) => <Ago at={createdAt} />, isMinor: true },
  { name: 'by', width: '9rem', cell: ({ by }) => by.actor, isLeast: true },
  { name: 'why', width: '2fr', cell: ({ by }) => by.reason, isLeast: true },
];
const keyOf = ({ id }: Job): string => id;

/** Redrives and replays of this region; `?new=replay` asks for another replay. */
export function JobsPage() {
  const [values] = useUrlState();
  return values.get('new') === 'replay' ? <ReplayPage /> : <Jobs />;
}

function Jobs() {
  const may = useMay('operator');
  const query = useFilters(BY);
  const list = useList<Job>('jobs', '/v1/jobs', query);
  const action = may ? (
    <Link className="button primary" href="/jobs?new=replay">
      New replay …
    </Link>
  ) : null;
  return (
    <Page title="Jobs" actions={action}>
      <Filters by={BY} />
      <RowList
        label="Jobs of the last 30 days, newest first"
        list={list}
        columns={COLUMNS}
        keyOf={keyOf}
        empty={
          <p>
            Jobs send again what was recorded. Make one of <Link href="/dead-letters">dead letters</Link>, or replay what was accepted in a
            range of time. Each region has its own.
          </p>
        }
      />
    </Page>
  );
}
