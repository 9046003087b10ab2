import type { GithubRun } from '@waybill/contracts';

/** Reads the body of a `workflow_run` webhook, ids as text whatever their size. Undefined when it is none or lacks what a decision needs. */
export function readWorkflowRun(_body: string, _host: string): { readonly action: string; readonly run: GithubRun } | undefined {
  return undefined;
}
