import { describe, expect, it } from 'vitest';
import { dispatchRefusal } from './dispatch-refusal.ts';

describe('why GitHub will not start a workflow', () => {
  it.each([
    [422, 'No ref found for: nope', 'ref_not_found'],
    [422, "Workflow does not have 'workflow_dispatch' trigger", 'workflow_not_dispatchable'],
    [422, 'Unexpected inputs provided: ["x"]', 'inputs_rejected'],
    [422, "Required input 'x' not provided", 'inputs_rejected'],
    [422, "Provided value 'a' for input 'disabled workflows' not in the list of allowed values", 'inputs_rejected'],
    [422, "Cannot trigger a 'workflow_dispatch' on a disabled workflow", 'workflow_disabled'],
    [422, 'something new', 'inputs_rejected'],
    [400, 'Problems parsing JSON', 'inputs_rejected'],
    [403, 'Resource not accessible by integration', 'permission_missing'],
    [403, 'This installation has been suspended', 'permission_missing'],
    [403, 'Actions has been disabled for this repository.', 'blocked_by_policy'],
    [403, 'Workflow execution is blocked by policy.', 'blocked_by_policy'],
    [403, 'Repository was archived so is read-only.', 'blocked_by_policy'],
    [403, 'something new', 'permission_missing'],
    [404, 'Not Found', 'workflow_not_found'],
    [451, 'Repository access blocked', 'blocked_by_policy'],
  ])('is told by %i %s', (status, message, reason) => {
    expect(dispatchRefusal({ status, message })).toBe(reason);
  });

  it.each([
    [403, undefined],
    [404, undefined],
    [500, 'Server Error'],
    [408, 'Request Timeout'],
    [418, 'what'],
  ])('is not known from %i %s', (status, message) => {
    expect(dispatchRefusal({ status, message })).toBeUndefined();
  });
});
