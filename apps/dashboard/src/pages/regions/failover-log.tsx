import { useList } from '../../api/list.ts';
import { type Column, RowList } from '../../parts/row-list.tsx';
import { Time } from '../../parts/time.tsx';
import { type HistoryEntry, wordsOf } from './change-words.ts';

const COLUMNS: readonly Column<HistoryEntry>[] = [
  { name: 'time', width: '7.5rem', narrow: '5.5rem', cell: ({ at }) => <Time at={at} isShort /> },
  { name: 'region', width: '9rem', narrow: '1fr', cell: ({ region }) => region },
  { name: 'what', width: '1.5fr', cell: (entry) => wordsOf(entry).what },
  { name: 'who', width: '9rem', cell: (entry) => wordsOf(entry).who, isLeast: true },
  { name: 'why', width: '2fr', cell: (entry) => wordsOf(entry).why, isMinor: true },
];
const keyOf = (entry: HistoryEntry): string => JSON.stringify(entry);

/** What happened to the regions, newest first. */
export function FailoverLog() {
  const list = useList<HistoryEntry>('regions', '/v1/regions/history');
  return (
    <section className="section region-log" aria-labelledby="failover-log">
      <h2 id="failover-log">Failover log</h2>
      <RowList
        label="Failover log, newest first"
        list={list}
        columns={COLUMNS}
        keyOf={keyOf}
        empty="No region has changed its state, and none has handed work to another."
      />
    </section>
  );
}
