import { assertNever, RUN_COMPLETED_TYPE } from '@waybill/contracts';
import type { DispatchRow, DispatchState, DispatchTargetRow } from './dispatch-rows.ts';
import type { Fact, FactOf } from './fact.ts';
import { foldDeniedTarget } from './fold-delivery.ts';
import { foldReported, foldSwept } from './fold-report.ts';
import { foldCall, foldDecidedTarget, foldDeliveryEnd, foldEnded } from './fold-target.ts';
import { order } from './plans.ts';
import type { WorkingSet } from './working-set.ts';

type DispatchFact = FactOf<Extract<Fact['kind'], `dispatch.${string}`>>;

/** Folds what was said of dispatches, save for the ends of their deliveries. */
export function foldDispatch(set: WorkingSet, fact: DispatchFact): void {
  switch (fact.kind) {
    case 'dispatch.decided':
      return foldDecided(set, fact);
    case 'dispatch.intended':
    case 'dispatch.settled':
    case 'dispatch.ended':
      return foldProgress(set, fact);
    case 'dispatch.reported':
      return foldReported(set, fact);
    case 'dispatch.swept':
      return foldSwept(set, fact);
    default:
      return assertNever(fact);
  }
}

/**
 * A decision gets its row, and each target one; what was denied is a delivery that ended. Of two decisions about one event, as when a region took over,
 * the earlier describes it, and the targets of both are kept: each may have been called.
 */
function foldDecided(set: WorkingSet, decided: FactOf<'dispatch.decided'>): void {
  const { fact, scope } = decided;
  for (const [ordinal, { deliveryId, endpointId, denied }] of fact.targets.entries()) {
    foldDecidedTarget(set, decided, ordinal);
    if (denied === undefined) continue;
    const { eventId, tenantId, region } = fact;
    const of = { deliveryId, eventId, tenantId, endpointId, region, scope };
    foldDeniedTarget(set, of, { ...denied, at: Date.parse(fact.at), eventType: RUN_COMPLETED_TYPE });
  }
  const known = set.dispatch(fact.eventId);
  const row = dispatchOf(decided);
  // The same one again lies at another place of a stream that was made anew, and is looked for there from then on.
  const isFirst = known === undefined || (row.at - known.at || order(row.region, known.region)) <= 0;
  recount(set, isFirst ? row : known);
}

function dispatchOf({ fact, scope, stream, seq }: FactOf<'dispatch.decided'>): DispatchRow {
  const { run, skip, chain } = fact;
  return {
    event_id: fact.eventId,
    tenant_id: fact.tenantId,
    scope,
    region: fact.region,
    at: Date.parse(fact.at),
    state: 'skipped',
    identity: run.identity,
    host: run.host,
    repository: `${run.owner}/${run.repo}`.toLowerCase(),
    repository_id: run.repositoryId,
    owner: run.owner,
    repo: run.repo,
    workflow: run.workflow,
    run_id: run.id,
    run_attempt: run.attempt,
    conclusion: run.conclusion,
    run_event: run.event,
    branch: run.headBranch,
    sha: run.headSha,
    url: run.url,
    skip_reason: skip?.reason ?? null,
    skip_detail: skip?.detail ?? null,
    warnings: JSON.stringify(fact.warnings),
    chain_id: chain.id,
    chain_depth: chain.depth,
    ...countsOf([]),
    decided_stream: stream,
    decided_seq: seq,
  };
}

type ProgressFact = FactOf<'dispatch.intended' | 'dispatch.settled' | 'dispatch.ended' | 'delivery.attempted' | 'delivery.refused'>;

/** What becomes of one target, and of its run's dispatch with it. */
export function foldProgress(set: WorkingSet, fact: ProgressFact): void {
  if (fact.kind === 'dispatch.ended') foldEnded(set, fact);
  else if (fact.kind === 'delivery.attempted' || fact.kind === 'delivery.refused') foldDeliveryEnd(set, fact);
  else foldCall(set, fact);
  const dispatch = set.dispatch(fact.fact.eventId);
  if (dispatch !== undefined) recount(set, dispatch);
}

/** Keeps a dispatch with the counts and the state that its targets, as they are now, give it. */
function recount(set: WorkingSet, row: DispatchRow): void {
  const counts = countsOf(set.targetsOf(row.event_id));
  const counted: DispatchRow = { ...row, ...counts, state: stateOf(counts) };
  const known = set.dispatch(row.event_id);
  if (known === undefined || COLUMNS.some((column) => known[column] !== counted[column])) set.dispatches.set(row.event_id, counted);
}

/** Columns of a dispatch that may change; the rest is the run, which all facts about an event describe alike. */
export const CHANGING_DISPATCH_COLUMNS = [
  'region',
  'at',
  'state',
  'skip_reason',
  'skip_detail',
  'warnings',
  'chain_id',
  'chain_depth',
  'target_count',
  'allowed_count',
  'denied_count',
  'started_count',
  'failed_count',
  'unknown_count',
  'ended_count',
  'decided_stream',
  'decided_seq',
] as const satisfies (keyof DispatchRow)[];
const COLUMNS = CHANGING_DISPATCH_COLUMNS;

type Counts = Pick<DispatchRow, Extract<keyof DispatchRow, `${string}_count`>>;

function countsOf(targets: readonly DispatchTargetRow[]): Counts {
  const having = (has: (row: DispatchTargetRow) => boolean): number => targets.filter(has).length;
  return {
    target_count: targets.length,
    allowed_count: having(({ verdict }) => verdict === 'allowed'),
    denied_count: having(({ state }) => state === 'denied'),
    started_count: having(({ state }) => state === 'started'),
    failed_count: having(({ state }) => state === 'failed'),
    unknown_count: having(({ state }) => state === 'unknown'),
    ended_count: having(({ ended_at: at }) => at !== null),
  };
}

function stateOf({ target_count: all, denied_count: denied, started_count: started, failed_count: failed }: Counts): DispatchState {
  if (all === 0) return 'skipped';
  if (denied === all) return 'denied';
  if (denied + started + failed < all) return 'open';
  return failed > 0 ? 'failed' : 'done';
}
