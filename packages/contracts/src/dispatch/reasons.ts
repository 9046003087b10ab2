/** Why a source run was not looked at further. The closed lists of this file: adding a reason is a minor change of the facts, removing one a major one. */
export const RUN_SKIPS = [
  'ignored_event',
  'source_installation_unusable',
  'source_owner_not_allowed',
  'source_repo_not_allowed',
  'source_workflow_not_allowed',
  'source_from_fork',
  'source_head_unverifiable',
  'source_event_not_allowed',
  'source_conclusion_not_allowed',
  'source_branch_not_allowed',
  'source_config_missing',
  'source_config_invalid',
  'no_matching_outbound',
  'duplicate_run_attempt',
  'chain_unverifiable',
] as const;
export type RunSkip = (typeof RUN_SKIPS)[number];

/** Why one target of a run must not be dispatched. */
export const TARGET_DENIALS = [
  'target_disabled',
  'inputs_template_invalid',
  'inputs_limit_exceeded',
  'ref_invalid',
  'self_dispatch',
  'duplicate_target',
  'max_targets_exceeded',
  'target_owner_not_allowed',
  'target_repo_not_allowed',
  'cycle_detected',
  'chain_depth_exceeded',
  'edge_rate_exceeded',
  'operator_paused',
  'target_not_installed',
  'target_unavailable',
  'target_moved',
  'target_config_missing',
  'target_config_invalid',
  'inbound_not_authorized',
  'inbound_condition_not_met',
  'inputs_not_accepted',
  'ref_not_accepted',
] as const;
export type TargetDenial = (typeof TARGET_DENIALS)[number];

/** Why an allowed dispatch failed for good. */
export const DISPATCH_FAILURES = [
  'workflow_not_found',
  'workflow_disabled',
  'workflow_not_dispatchable',
  'ref_not_found',
  'inputs_rejected',
  'permission_missing',
  'blocked_by_policy',
  'rate_limit_exhausted',
  'github_unavailable',
] as const;
export type DispatchFailure = (typeof DISPATCH_FAILURES)[number];
