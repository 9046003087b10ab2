import type { DispatchFailure } from '@waybill/contracts';
import type { Answered } from '../call/calls.ts';

/**
 * GitHub's texts; those that quote names and values of the caller come first, known by how they begin. They are no promise of GitHub: the status
 * decides when none fits.
 */
const TEXTS: readonly (readonly [RegExp, DispatchFailure])[] = [
  [/^no ref found/i, 'ref_not_found'],
  [/^(?:unexpected inputs|required input|provided value)/i, 'inputs_rejected'],
  [/disabled workflow|workflow (?:is|was|has been) disabled/i, 'workflow_disabled'],
  [/does not have an? .*trigger|workflow_dispatch. trigger/i, 'workflow_not_dispatchable'],
  [/resource not accessible|suspended/i, 'permission_missing'],
  [/polic|protection|not allowed to run|has been disabled|read-only|blocked/i, 'blocked_by_policy'],
];

const STATUSES: Readonly<Record<number, DispatchFailure>> = {
  400: 'inputs_rejected',
  403: 'permission_missing',
  404: 'workflow_not_found',
  410: 'workflow_not_found',
  422: 'inputs_rejected',
  451: 'blocked_by_policy',
};

/** Why GitHub will not start the workflow; undefined when the answer does not say for sure that it did not. */
export function dispatchRefusal({ status, message }: Pick<Answered, 'status' | 'message'>): DispatchFailure | undefined {
  const byStatus = STATUSES[status];
  // A text that is not GitHub's comes from something in between, which may have passed the call on.
  if (byStatus === undefined || message === undefined) return undefined;
  if (status === 404) return byStatus;
  return TEXTS.find(([pattern]) => pattern.test(message))?.[1] ?? byStatus;
}
