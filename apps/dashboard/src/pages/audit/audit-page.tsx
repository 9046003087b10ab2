import { Link } from 'wouter';
import { useList } from '../../api/list.ts';
import { type FilterOption, Filters, useFilters } from '../../parts/filters.tsx';
import { Page } from '../../parts/page.tsx';
import { type Column, RowList } from '../../parts/row-list.tsx';
import { Time } from '../../parts/time.tsx';
import { type Act, actWords } from './act-words.ts';
import './audit.css';

const BY: readonly FilterOption[] = [{ name: 'actor', label: 'who' }];

const COLUMNS: readonly Column<Act>[] = [
  { name: 'time', width: '7.5rem', narrow: '5.5rem', cell: ({ at }) => <Time at={at} isShort /> },
  {
    name: 'who',
    width: '1fr',
    cell: ({ actor }) => <Link href={`/audit?actor=${encodeURIComponent(actor)}`}>{actor}</Link>,
  },
  { name: 'what', width: '2.2fr', cell: (act) => <What act={act} /> },
  { name: 'why', width: '2fr', cell: ({ reason }) => reason, isMinor: true },
  { name: 'region', width: '9rem', cell: ({ region }) => region, isLeast: true },
];
const keyOf = (act: Act): string => JSON.stringify(act);

/** What people changed: who, what, when, where and why. */
export function AuditPage() {
  const query = useFilters(BY);
  const list = useList<Act>('audit', '/v1/management-actions', query);
  return (
    <Page title="Audit">
      <Filters by={BY} />
      <RowList
        label="What was changed, newest first"
        list={list}
        columns={COLUMNS}
        keyOf={keyOf}
        empty={<p>Every command that changes something is written down here, with who gave it and why. There was none yet.</p>}
      />
    </Page>
  );
}

function What({ act }: { readonly act: Act }) {
  const { what, to } = actWords(act);
  return (
    <span className="act" title={`${act.action} → ${act.status}`}>
      <span>{what}</span>
      {to === undefined ? null : to.href === undefined ? <span className="clip">{to.name}</span> : <Link href={to.href}>{to.name}</Link>}
    </span>
  );
}
