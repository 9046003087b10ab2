import { createHmac } from 'node:crypto';
import { toJson } from '../server/answer.ts';
import { repositoryView } from '../views/repositories.ts';
import { runView, workflowView } from '../views/runs.ts';
import { organizationView, userView } from '../views/users.ts';
import type { Notice } from './deliveries.ts';

/** The body of a `workflow_run` webhook, as GitHub writes it. */
export function webhookBody(base: string, notice: Pick<Notice, 'action' | 'run' | 'withInstallation'>): string {
  const { run } = notice;
  const { repository } = run;
  const workflow = [...repository.workflows.values()].find(({ id }) => id === run.workflowId);
  return toJson({
    action: notice.action,
    workflow_run: runView(base, run),
    workflow: workflow === undefined ? null : workflowView(base, repository, workflow),
    // The field that the API dropped with 2026-03-10 is still in webhooks.
    repository: { ...repositoryView(base, repository), has_downloads: true },
    organization: organizationView(base, repository.owner),
    sender: userView(base, run.actor),
    ...(notice.withInstallation ? { installation: { id: Number(repository.owner.installationId), node_id: 'MDIzOk' } } : {}),
  });
}

/** The value of `x-hub-signature-256`. */
export function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}
