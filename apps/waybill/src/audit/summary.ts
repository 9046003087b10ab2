import type { AuditReport } from '@waybill/audit';
import { duration, table } from '../terminal/print.ts';

/** Ids of one kind that the summary names; the report names up to 1,000. */
const NAMED = 5;

/** What an audit found, in lines for a person. */
export function summaryOf(report: AuditReport): string[] {
  const { range, violations, open, notices, settled, clean, tookMs } = report;
  const asked = range.asked !== range.from ? ` (asked for ${range.asked ?? 'everything'}: the logs begin later)` : '';
  return [
    `events accepted from ${range.from ?? 'the beginning'} to ${range.to ?? 'the present end'}${asked}${settled ? ', all of them settled' : ''}`,
    '',
    ...table(regionRows(report)),
    ...section('copies', copyRows(report)),
    ...section('read models', readRows(report)),
    ...section('open', foundRows(open)),
    ...section('worth knowing', foundRows(notices)),
    ...section('VIOLATIONS', foundRows(violations)),
    '',
    `${clean ? 'clean' : 'NOT CLEAN'}${asked === '' ? '' : ` from ${range.from} on; of what was accepted before, nothing is proved`}, in ${duration(tookMs)}`,
  ];
}

const section = (title: string, rows: readonly (readonly string[])[]): string[] =>
  rows.length === 0 ? [] : ['', title, ...table(rows).map((line) => `  ${line}`)];

const percent = (count: number, share: number): string => `${count} (${share} %)`;

function regionRows({ regions }: AuditReport): string[][] {
  const head = ['region', 'accepted', 'planned', 'delivered', 'dead letters', 'denied', 'refused', 'attempts'];
  const rows = Object.entries(regions).map(([id, one]) => [
    id,
    percent(one.accepted, one.shares.accepted),
    percent(one.planned, one.shares.planned),
    percent(one.delivered, one.shares.delivered),
    ...[one.dead_lettered, one.denied, one.refused, one.attempts].map(String),
  ]);
  return [head, ...rows];
}

const copyRows = ({ copies }: AuditReport): string[][] =>
  copies.map(({ region, of, wanted, copied, behind }) => [
    `${region} ← ${of}`,
    `${copied} of ${wanted} facts`,
    behind > 0 ? `${behind} behind` : '',
  ]);

const readRows = ({ reads, regions }: AuditReport): string[][] =>
  Object.keys(regions).map((id) => {
    const shown = reads.find(({ region }) => region === id);
    if (shown === undefined) return [id, 'not compared', ''];
    const { events, deliveries, deadLetters, caughtUp } = shown;
    return [
      id,
      `${events} events, ${deliveries} deliveries, ${deadLetters} dead letters`,
      caughtUp === true ? 'caught up' : caughtUp === false ? 'behind the log: compared as they were' : 'do not say how far they are',
    ];
  });

const foundRows = (found: AuditReport['violations']): string[][] =>
  Object.entries(found).map(([kind, { count, ids }]) => [
    kind,
    String(count),
    `${ids.slice(0, NAMED).join(', ')}${count > NAMED ? ', …' : ''}`,
  ]);
