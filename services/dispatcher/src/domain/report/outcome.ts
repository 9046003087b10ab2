import { hash } from 'node:crypto';
import type { DispatchFailure, TargetDenial } from '@waybill/contracts';
import { type Decided, type Ended, isGivenUp, type Settled, type Story } from './story.ts';

/**
 * How a target stands. `open`: no end yet. `unsure`: whether its run started is being found out. `lost`: that could not be found out, and nobody will look
 * again by itself.
 */
export type TargetState =
  | { readonly kind: 'open' }
  | { readonly kind: 'unsure'; readonly detail: string }
  | { readonly kind: 'started'; readonly runId?: string | undefined; readonly url?: string | undefined; readonly ended?: Ended | undefined }
  | { readonly kind: 'denied'; readonly reason: TargetDenial; readonly detail: string }
  | { readonly kind: 'failed' | 'lost'; readonly reason: DispatchFailure; readonly detail: string };

export type TargetView = Pick<Decided['targets'][number], 'owner' | 'repo' | 'workflow' | 'ref'> & { readonly state: TargetState };

/** `open`: a target has no end yet. `done`: all have one. `over`: what they started has ended too, so nothing more is to come. */
export type Phase = 'open' | 'done' | 'over';

/** The targets in the order of the file. */
export function targetsOf({ decided, settled, ended }: Story): TargetView[] {
  return (decided?.targets ?? []).map(({ deliveryId, owner, repo, workflow, ref, denied }) => ({
    owner,
    repo,
    workflow,
    ref,
    state: denied === undefined ? stateOf(settled.get(deliveryId), ended.get(deliveryId)) : { kind: 'denied', ...denied },
  }));
}

function stateOf(settled: Settled | undefined, ended: Ended | undefined): TargetState {
  if (settled === undefined) return { kind: 'open' };
  const { outcome, wasUnknown } = settled;
  switch (outcome.kind) {
    case 'started':
      return { kind: 'started', runId: outcome.runId, url: outcome.url, ended };
    case 'unknown':
      return { kind: 'unsure', detail: outcome.detail };
    case 'released':
      return isGivenUp(outcome) ? failure('github_unavailable', outcome.detail, wasUnknown) : { kind: 'open' };
    case 'denied':
      return { kind: 'denied', reason: outcome.reason, detail: outcome.detail };
    case 'failed':
      return failure(outcome.reason, outcome.detail, wasUnknown);
    default:
      return outcome satisfies never;
  }
}

const failure = (reason: DispatchFailure, detail: string, wasUnknown: boolean): TargetState => ({
  kind: wasUnknown && reason === 'github_unavailable' ? 'lost' : 'failed',
  reason,
  detail,
});

/** Events that a check run of ours causes, and those that an issue of ours causes. */
const CAUSED_BY_CHECKS = new Set(['check_run', 'check_suite']);
const CAUSED_BY_ISSUES = new Set(['issues', 'issue_comment']);

/**
 * Whether a run gets a check run: when it has targets, or its source's file cannot be used. Every other run of a workflow without rules would get one. None
 * gets it that a check run may have caused, or the two would cause each other for ever.
 */
export const hasCheck = ({ decided }: Story): boolean =>
  decided !== undefined &&
  !CAUSED_BY_CHECKS.has(decided.run.event) &&
  (decided.targets.length > 0 || decided.skip?.reason === 'source_config_invalid');

/** Whether a run counts for the issue of its workflow: not when an issue may have caused it. */
export const countsForIssue = ({ run }: Decided): boolean => !CAUSED_BY_ISSUES.has(run.event);

export function phaseOf(targets: readonly TargetView[]): Phase {
  if (targets.some(({ state }) => state.kind === 'open' || state.kind === 'unsure')) return 'open';
  // A server that names no run (Enterprise Server to 3.19) will not tell its end either.
  return targets.some(({ state }) => state.kind === 'started' && state.runId !== undefined && state.ended === undefined) ? 'done' : 'over';
}

export type Conclusion = 'success' | 'neutral' | 'failure' | 'action_required';

/** What the check run of a source run concludes once its targets have ends: the worst of them. How the started runs end is their own business. */
export function conclusionOf({ decided }: Story, targets: readonly TargetView[]): Conclusion {
  const kinds = new Set(targets.map(({ state }) => state.kind));
  if (kinds.has('lost')) return 'action_required';
  if (kinds.has('failed') || decided?.skip !== undefined) return 'failure';
  return kinds.has('denied') ? 'neutral' : 'success';
}

/** Whether the people of the source should be told by an issue. A target that its own file switches off is no news to them. */
const needsWord = ({ state }: TargetView): boolean =>
  state.kind === 'failed' || state.kind === 'lost' || (state.kind === 'denied' && state.reason !== 'target_disabled');

/** What the run means for the issue of its workflow; undefined as long as it cannot be told, and for runs that dispatch nothing. */
export function verdictOf(targets: readonly TargetView[]): 'bad' | 'good' | undefined {
  if (targets.some(needsWord)) return 'bad';
  if (phaseOf(targets) === 'open') return undefined;
  return targets.some(({ state }) => state.kind === 'started') ? 'good' : undefined;
}

/** What the issue of a workflow is about, the same for all its runs. */
export const workflowKeyOf = ({ run: { host, repositoryId, workflow } }: Pick<Decided, 'run'>): string =>
  `${host}/${repositoryId}/${workflow}`;

/** Whether `one` is the later run: the higher attempt of the same run, else what was decided later. */
export function isLater({ run, at }: Decided, than: Decided): boolean {
  if (run.id === than.run.id) return run.attempt > than.run.attempt;
  return at === than.at ? run.identity > than.run.identity : at > than.at;
}

const digest = (value: unknown): string => hash('sha256', JSON.stringify(value)).slice(0, 16);

/** What the check run of this story should say, in short: `<phase>.<16 hex digits>`. Of what happened, not of how it is worded. */
export function checkDigestOf({ decided }: Story, targets: readonly TargetView[]): string {
  return `${phaseOf(targets)}.${digest([decided?.skip, decided?.warnings, targets])}`;
}

/** The digest of an issue that is closed, or that never was. */
export const CLOSED = 'closed';

/** What the issue should say when this story is the newest of its workflow; undefined: nothing new. How started runs end is left out: it is no reason to write to people. */
export function issueDigestOf({ eventId }: Story, targets: readonly TargetView[]): string | undefined {
  const verdict = verdictOf(targets);
  if (verdict !== 'bad') return verdict === 'good' ? CLOSED : undefined;
  return digest([
    eventId,
    targets.map(({ state, ...target }) => [target, state.kind === 'started' ? { ...state, ended: undefined } : state]),
  ]);
}

/** The digest of a `dispatch.reported` and its two parts; a part is empty as long as nothing was written. */
export const joinDigest = (check: string | undefined, issue: string | undefined): string => `${check ?? ''}/${issue ?? ''}`;

export function splitDigest(joined: string | undefined): { readonly check: string | undefined; readonly issue: string | undefined } {
  const [check = '', issue = ''] = (joined ?? '').split('/');
  return { check: check === '' ? undefined : check, issue: issue === '' ? undefined : issue };
}

/** The phase that a check digest was written in. */
export const writtenPhase = (check: string | undefined): string | undefined => check?.split('.')[0];
