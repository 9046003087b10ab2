import type { DispatchReportRow, DispatchSweepRow } from './dispatch-rows.ts';
import type { FactOf } from './fact.ts';
import { order } from './plans.ts';
import type { WorkingSet } from './working-set.ts';

/** The newest report counts, and of a check run and an issue the newest that was named. */
export function foldReported(set: WorkingSet, { fact, scope }: FactOf<'dispatch.reported'>): void {
  const at = Date.parse(fact.at);
  const { eventId, tenantId, region, digest, failed = null } = fact;
  const row: DispatchReportRow = {
    event_id: eventId,
    tenant_id: tenantId,
    scope,
    region,
    at,
    digest,
    failed,
    ...checkRun(fact, at),
    ...issue(fact, at),
  };
  const known = set.report(eventId);
  set.reports.set(eventId, known === undefined ? row : newest(row, known));
}

type Named = FactOf<'dispatch.reported'>['fact'];
type CheckRun = Pick<DispatchReportRow, 'check_run_id' | 'check_run_at'>;
type Issue = Pick<DispatchReportRow, 'issue_number' | 'issue_at'>;
const checkRun = ({ checkRunId: id }: Named, at: number): CheckRun =>
  id === undefined ? { check_run_id: null, check_run_at: null } : { check_run_id: id, check_run_at: at };
const issue = ({ issueNumber: number }: Named, at: number): Issue =>
  number === undefined ? { issue_number: null, issue_at: null } : { issue_number: number, issue_at: at };

/** Each part by itself: said, check run, issue. */
function newest(row: DispatchReportRow, known: DispatchReportRow): DispatchReportRow {
  const { check_run_id: id, check_run_at: checkedAt } = isNewerCheckRun(row, known) ? row : known;
  const { issue_number: number, issue_at: raisedAt } = isNewerIssue(row, known) ? row : known;
  const said = isNewerReport(row, known) ? row : known;
  return { ...said, check_run_id: id, check_run_at: checkedAt, issue_number: number, issue_at: raisedAt };
}

const isNewerCheckRun = (row: CheckRun, known: CheckRun): boolean =>
  ((row.check_run_at ?? -1) - (known.check_run_at ?? -1) || order(row.check_run_id ?? '', known.check_run_id ?? '')) > 0;
const isNewerIssue = (row: Issue, known: Issue): boolean =>
  ((row.issue_at ?? -1) - (known.issue_at ?? -1) || (row.issue_number ?? 0) - (known.issue_number ?? 0)) > 0;

function isNewerReport(row: DispatchReportRow, known: DispatchReportRow): boolean {
  const byPlace = row.at - known.at || order(row.region, known.region);
  return (byPlace || order(row.digest, known.digest) || order(row.failed ?? '', known.failed ?? '')) > 0;
}

/** The newest sweep of a region counts. */
export function foldSwept(set: WorkingSet, { fact, scope }: FactOf<'dispatch.swept'>): void {
  const row: DispatchSweepRow = {
    region: fact.region,
    scope,
    at: Date.parse(fact.at),
    from_at: Date.parse(fact.from),
    to_at: Date.parse(fact.to),
    listed: fact.listed,
    redelivered: fact.redelivered.length,
    gap_seconds: Math.round(fact.gapSeconds),
  };
  const known = set.sweep(row.region);
  if (known === undefined || isNewerSweep(row, known)) set.sweeps.set(row.region, row);
}

/** The region that sweeps writes one fact after the other, so the columns after the time only make the order whole. */
function isNewerSweep(row: DispatchSweepRow, known: DispatchSweepRow): boolean {
  const columns = ['at', 'to_at', 'from_at', 'listed', 'redelivered', 'gap_seconds'] as const;
  const differing = columns.find((column) => row[column] !== known[column]);
  return differing !== undefined && row[differing] > known[differing];
}
