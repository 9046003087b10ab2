import type { DispatchFailure, RunSkip, TargetDenial } from './reasons.ts';

/** What a reason means, and what a person can do about it. */
export interface ReasonText {
  readonly meaning: string;
  readonly remedy: string;
}

const text = (meaning: string, remedy: string): ReasonText => ({ meaning, remedy });

/** Why nothing was dispatched for a run. `docs/dispatch-reasons.md` is generated from these tables. */
export const RUN_SKIP_TEXTS: Readonly<Record<RunSkip, ReasonText>> = {
  ignored_event: text('The webhook is not a finished workflow run.', 'Nothing: only `workflow_run` with the action `completed` counts.'),
  source_installation_unusable: text(
    'The App is not installed in the source repository, or suspended.',
    'Install it there, or end the suspension.',
  ),
  source_owner_not_allowed: text('The owner of the source is not among `ALLOWED_OWNERS`.', 'The operator adds it.'),
  source_repo_not_allowed: text('The source is not in `SOURCE_REPO_ALLOWLIST`.', 'The operator adds it.'),
  source_workflow_not_allowed: text('The workflow is not in `SOURCE_WORKFLOW_ALLOWLIST`.', 'The operator adds it.'),
  source_from_fork: text(
    'The head of the run is a fork: its author need not have rights in the repository.',
    'Nothing: runs of forks never dispatch.',
  ),
  source_head_unverifiable: text(
    'GitHub names no head repository, as when a fork was deleted.',
    'Run it again from a branch of the repository.',
  ),
  source_event_not_allowed: text(
    'The run was started by an event that outsiders can cause, and no rule names it.',
    'List the event under `events` in the outbound and in the inbound rule, if you trust what it runs.',
  ),
  source_conclusion_not_allowed: text('The run ended with a conclusion that no rule takes.', 'List it under `conclusions` on both sides.'),
  source_branch_not_allowed: text(
    'The run was on a branch that no rule takes.',
    'List it under `branches` on both sides; the default is the default branch alone.',
  ),
  source_config_missing: text('The source has no `dispatching.yml` on its default branch.', 'Add one, in the root or in `.github/`.'),
  source_config_invalid: text(
    'The `dispatching.yml` of the source cannot be used.',
    'Correct what the check run names; `waybill github lint` tells the same.',
  ),
  no_matching_outbound: text(
    'No outbound rule names this workflow file.',
    'Compare the file name: `ci.yml` is not `CI.yml` nor `ci.yaml`.',
  ),
  duplicate_run_attempt: text('This attempt of the run was handled before.', 'Nothing. To dispatch again, run the workflow again.'),
  chain_unverifiable: text(
    'The run was started by this App, and what for is not known.',
    'Look whether the App is used by a second installation of Waybill.',
  ),
};

/** Why a target was not dispatched, though a rule of the source names it. */
export const TARGET_DENIAL_TEXTS: Readonly<Record<TargetDenial, ReasonText>> = {
  target_disabled: text('The target says `enabled: false`.', 'Remove it, or set it to true.'),
  inputs_template_invalid: text(
    'An input has a template that is not known, is empty, or yields control characters.',
    'Use a name of the closed list, quoted.',
  ),
  inputs_limit_exceeded: text(
    'There are too many inputs, or they are too long.',
    'At most 25 inputs of 1,024 characters; older Enterprise Servers take 10.',
  ),
  ref_invalid: text('The ref can be no branch and no tag.', 'Name a branch or a tag; GitHub dispatches on no commit.'),
  self_dispatch: text('The target is the workflow that just ran.', 'Name another workflow.'),
  duplicate_target: text('The same workflow, ref and inputs stand in the rules twice.', 'Remove one.'),
  max_targets_exceeded: text('The run has more targets than `MAX_TARGETS_PER_RUN`.', 'Split the rules, or ask the operator.'),
  target_owner_not_allowed: text('The owner of the target is not among `ALLOWED_OWNERS`.', 'The operator adds it.'),
  target_repo_not_allowed: text('The target is not in `TARGET_REPO_ALLOWLIST`.', 'The operator adds it.'),
  cycle_detected: text('The target ran earlier in the same chain.', 'Break the circle in the rules.'),
  chain_depth_exceeded: text('The chain is longer than `MAX_CHAIN_DEPTH`.', 'Shorten it, or ask the operator.'),
  edge_rate_exceeded: text(
    'This workflow started that one too often within ten minutes.',
    'Look for a loop; the limit is `MAX_DISPATCHES_PER_EDGE`.',
  ),
  operator_paused: text('An operator has paused this.', 'See `GET /v1/pauses` for who, why and since when.'),
  target_not_installed: text(
    'The App is not installed in the target, or there is no such repository.',
    'Install it there; compare the spelling.',
  ),
  target_unavailable: text(
    'The target is archived or disabled, or its installation is suspended.',
    'Make it available again, or remove the target.',
  ),
  target_moved: text('The target was renamed or transferred.', 'Write its new name.'),
  target_config_missing: text('The target has no `dispatching.yml` on its default branch.', 'Add one with an inbound rule.'),
  target_config_invalid: text(
    'The `dispatching.yml` of the target cannot be used.',
    'Correct it; `waybill github lint` tells what is wrong.',
  ),
  inbound_not_authorized: text(
    'No inbound rule of the target lets this source start this workflow.',
    'Add one there. A bare repository name means the same owner.',
  ),
  inbound_condition_not_met: text('An inbound rule names the source, but not this conclusion, branch or event.', 'List it there.'),
  inputs_not_accepted: text('The target does not accept these inputs.', 'List their names under `accept_inputs` of the target.'),
  ref_not_accepted: text('The target does not accept this ref.', 'List it under `refs` of the target.'),
};

/** Why an allowed dispatch started nothing. */
export const DISPATCH_FAILURE_TEXTS: Readonly<Record<DispatchFailure, ReasonText>> = {
  workflow_not_found: text('The workflow file is not on the default branch of the target.', 'Add it there, or correct the name.'),
  workflow_disabled: text('The workflow is disabled.', 'Enable it under Actions.'),
  workflow_not_dispatchable: text('The workflow has no `workflow_dispatch` trigger.', 'Add `workflow_dispatch` to its `on:`.'),
  ref_not_found: text('The branch or tag does not exist in the target.', 'Create it, or name another.'),
  inputs_rejected: text('The workflow does not declare these inputs, or misses a required one.', 'Make the inputs of both files agree.'),
  permission_missing: text(
    'The App may not start workflows in the target.',
    'Grant it Actions: read and write, and accept that in the installation.',
  ),
  blocked_by_policy: text('A policy of the organisation forbids it.', 'Ask its owners.'),
  rate_limit_exhausted: text('GitHub asked to wait for too long.', 'Spread the work, or raise `GITHUB_LIMITED_FOR_SECONDS`.'),
  github_unavailable: text(
    'GitHub gave no usable answer, and no run was found that the call had started.',
    'Look at the target; if nothing ran, run the source again.',
  ),
};

const ALL = new Map<string, ReasonText>(Object.entries({ ...RUN_SKIP_TEXTS, ...TARGET_DENIAL_TEXTS, ...DISPATCH_FAILURE_TEXTS }));

/** What any reason means; undefined for one that is in no table, as of a newer version. */
export const reasonText = (reason: string): ReasonText | undefined => ALL.get(reason);
