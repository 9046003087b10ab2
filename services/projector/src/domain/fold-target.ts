import { type Consequence, parseGithubEndpointId, type Scope } from '@waybill/contracts';
import type { DispatchTargetRow, TargetDecided, TargetEnd, TargetProgress } from './dispatch-rows.ts';
import type { FactOf } from './fact.ts';
import { order } from './plans.ts';
import type { WorkingSet } from './working-set.ts';

/** Of two rank-alike statements the newer counts up to `UNDER_WAY`, the earlier above. What a delivery says stands back behind what its dispatch says. */
const RANK = { planned: 0, underWay: 1, deliveryEnded: 2, over: 3, delivered: 4, started: 5, startedNamed: 6 } as const;
const NO_RUN = { run_id: null, run_url: null, how: null } as const;
const NO_REASON = { reason: null, detail: null } as const;

const UNDECIDED = { decided_at: null, decided_by: null, ordinal: null, ref: null, rule: null, verdict: null } as const;
const UNTOUCHED: TargetProgress = { state: 'planned', state_rank: RANK.planned, state_at: 0, state_by: '', ...NO_REASON, ...NO_RUN };
const NOT_ENDED: TargetEnd = {
  ended_run_id: null,
  ended_attempt: null,
  ended_conclusion: null,
  ended_url: null,
  ended_at: null,
  ended_by: null,
};

interface OfTarget {
  readonly eventId: string;
  readonly deliveryId: string;
  readonly tenantId: string;
  readonly endpointId: string;
}

/** The row of a target that nothing is known of yet but its ids. */
function newTarget({ eventId, deliveryId, tenantId, endpointId }: OfTarget, scope: Scope): DispatchTargetRow {
  const { owner, repo, workflow } = parseGithubEndpointId(endpointId) ?? { owner: '', repo: '', workflow: '' };
  return {
    event_id: eventId,
    delivery_id: deliveryId,
    tenant_id: tenantId,
    endpoint_id: endpointId,
    scope,
    ...UNDECIDED,
    owner,
    repo,
    workflow,
    ...UNTOUCHED,
    ...NOT_ENDED,
  };
}

/** A target of a decision: of several that name it, the earliest describes it. */
export function foldDecidedTarget(set: WorkingSet, { fact, scope }: FactOf<'dispatch.decided'>, ordinal: number): void {
  const target = fact.targets[ordinal];
  if (target === undefined) return;
  const { owner, repo, workflow, ref = null, rule, denied } = target;
  const at = Date.parse(fact.at);
  const verdict = denied === undefined ? 'allowed' : 'denied';
  const decided: TargetDecided = { decided_at: at, decided_by: fact.region, ordinal, owner, repo, workflow, ref, rule, verdict };
  const { eventId, tenantId } = fact;
  const row = rowOf(set, { ...target, eventId, tenantId }, scope);
  const described = isEarlier(decided, row) ? { ...row, ...decided } : row;
  const said = { state_at: at, state_by: fact.region, ...NO_RUN };
  const progress: TargetProgress =
    denied === undefined
      ? { state: 'planned', state_rank: RANK.planned, ...said, ...NO_REASON }
      : { state: 'denied', state_rank: RANK.over, ...said, ...denied };
  keep(set, withProgress(described, progress));
}

function isEarlier(decided: TargetDecided, { decided_at: at, decided_by: by }: TargetDecided): boolean {
  if (at === null || by === null) return true;
  return ((decided.decided_at ?? 0) - at || order(decided.decided_by ?? '', by)) < 0;
}

/** What the dispatcher says of its call. */
export function foldCall(set: WorkingSet, { kind, fact, scope }: FactOf<'dispatch.intended' | 'dispatch.settled'>): void {
  const said = { state_at: Date.parse(fact.at), state_by: fact.region };
  const outcome = kind === 'dispatch.intended' ? undefined : fact.outcome;
  const progress: TargetProgress = { ...said, ...progressOf(outcome) };
  keep(set, withProgress(rowOf(set, fact, scope), progress));
}

type Told = Omit<TargetProgress, 'state_at' | 'state_by'>;

function progressOf(outcome: FactOf<'dispatch.settled'>['fact']['outcome'] | undefined): Told {
  if (outcome === undefined) return { state: 'intended', state_rank: RANK.underWay, ...NO_REASON, ...NO_RUN };
  switch (outcome.kind) {
    case 'started': {
      const { runId = null, url = null, how } = outcome;
      const rank = runId === null ? RANK.started : RANK.startedNamed;
      return { state: outcome.kind, state_rank: rank, ...NO_REASON, run_id: runId, run_url: url, how };
    }
    case 'unknown':
    case 'released':
      return { state: outcome.kind, state_rank: RANK.underWay, reason: null, detail: outcome.detail, ...NO_RUN };
    case 'failed':
    case 'denied':
      return { state: outcome.kind, state_rank: RANK.over, reason: outcome.reason, detail: outcome.detail, ...NO_RUN };
  }
}

/** Whether a delivery is a workflow dispatch that ends by this. */
export const endsDispatch = ({ endpointId, next }: { endpointId: string; next: Consequence }): boolean =>
  next.kind !== 'retry' && parseGithubEndpointId(endpointId) !== undefined;

/** The end of a dispatch's delivery, for a dispatcher may give up without a word on the call. */
export function foldDeliveryEnd(set: WorkingSet, end: FactOf<'delivery.attempted' | 'delivery.refused'>): void {
  const attempt = end.kind === 'delivery.attempted' ? end.fact : undefined;
  const said = { state_at: Date.parse(end.fact.at) + Math.round(attempt?.durationMs ?? 0), state_by: end.fact.region };
  const progress: TargetProgress = { ...said, ...ended(end.fact.next, attempt?.outcome) };
  keep(set, withProgress(rowOf(set, end.fact, end.scope), progress));
}

function ended(next: Consequence, outcome: FactOf<'delivery.attempted'>['fact']['outcome'] | undefined): Told {
  if (next.kind === 'dead_lettered' || next.kind === 'denied') {
    const state = next.kind === 'denied' ? 'denied' : 'failed';
    const detail = outcome === undefined || outcome.kind === 'accepted' ? null : outcome.detail;
    return { state, state_rank: RANK.deliveryEnded, reason: next.reason, detail, ...NO_RUN };
  }
  const run = outcome?.kind === 'accepted' ? outcome.run : undefined;
  return { state: 'started', state_rank: RANK.delivered, ...NO_REASON, run_id: run?.id ?? null, run_url: run?.url ?? null, how: null };
}

function withProgress(row: DispatchTargetRow, progress: TargetProgress): DispatchTargetRow {
  return outranks(progress, row) ? { ...row, ...progress } : row;
}

function outranks(next: TargetProgress, known: TargetProgress): boolean {
  const byRank = next.state_rank - known.state_rank;
  if (byRank !== 0) return byRank > 0;
  const later = next.state_at - known.state_at || order(next.state, known.state) || order(next.state_by, known.state_by);
  return (next.state_rank <= RANK.underWay ? later : -later) > 0;
}

/** How the run that a dispatch started ended. Of its attempts the newest counts. */
export function foldEnded(set: WorkingSet, { fact, scope }: FactOf<'dispatch.ended'>): void {
  const { runId, runAttempt, conclusion, url, region } = fact;
  const row = rowOf(set, fact, scope);
  const end = {
    ended_run_id: runId,
    ended_attempt: runAttempt,
    ended_conclusion: conclusion,
    ended_url: url,
    ended_at: Date.parse(fact.at),
    ended_by: region,
  };
  keep(set, isNewerEnd(end, row) ? { ...row, ...end } : row);
}

function isNewerEnd(end: TargetEnd, known: TargetEnd): boolean {
  if (known.ended_at === null) return true;
  const by = (column: 'ended_attempt' | 'ended_at'): number => (end[column] ?? 0) - (known[column] ?? 0);
  const byText = (column: 'ended_by' | 'ended_run_id'): number => order(end[column] ?? '', known[column] ?? '');
  return (by('ended_attempt') || by('ended_at') || byText('ended_by') || byText('ended_run_id')) > 0;
}

const rowOf = (set: WorkingSet, of: OfTarget, scope: Scope): DispatchTargetRow =>
  set.target(of.eventId, of.deliveryId) ?? newTarget(of, scope);

function keep(set: WorkingSet, row: DispatchTargetRow): void {
  if (row !== set.target(row.event_id, row.delivery_id)) set.setTarget(row);
}
