import { Link } from 'wouter';
import { useList } from '../../api/list.ts';
import { type Column, RowList } from '../../parts/row-list.tsx';
import { State } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import { type Attempt, msText } from './endpoint-figures.ts';

const COLUMNS: readonly Column<Attempt>[] = [
  {
    name: 'at',
    width: '7.5rem',
    narrow: '6.2rem',
    cell: ({ eventId, deliveryId, at }) => (
      <Link href={`/events/${eventId}?delivery=${deliveryId}`} className="cell-link">
        <Time at={at} isShort />
      </Link>
    ),
  },
  { name: 'outcome', width: '6.5rem', cell: ({ outcome }) => <State value={outcome} tone={outcome === 'accepted' ? 'good' : undefined} /> },
  { name: 'HTTP', width: '2.5rem', cell: ({ httpStatus }) => httpStatus ?? <span className="quiet">–</span> },
  { name: 'took', width: '5rem', isLeast: true, cell: ({ durationMs }) => msText(durationMs) },
  { name: 'try', width: '3rem', isLeast: true, cell: ({ attempt }) => attempt },
  {
    name: 'why',
    width: '3fr',
    cell: ({ reason, detail }) => <span title={reason ?? undefined}>{detail ?? reason}</span>,
  },
  { name: 'region', width: '8rem', isLeast: true, cell: ({ region }) => region },
];

/** What was sent to an endpoint, newest first. */
export const Attempts = ({ id }: { readonly id: string }) => (
  <section className="section" aria-labelledby="attempts">
    <div className="head-line">
      <h2 id="attempts">Attempts</h2>
      <Link href={`/deliveries?endpointId=${encodeURIComponent(id)}`}>All its deliveries</Link>
    </div>
    <AttemptRows id={id} />
  </section>
);

function AttemptRows({ id }: { readonly id: string }) {
  const list = useList<Attempt>('deliveries', '/v1/attempts', { endpointId: id });
  return (
    <RowList
      label="Attempts, newest first"
      list={list}
      columns={COLUMNS}
      keyOf={({ deliveryId, attempt }) => `${deliveryId}/${attempt}`}
      empty={<p>Nothing was sent to it yet. Send a test to try it.</p>}
    />
  );
}
