import { type FakeRepository, type FakeRun, type FakeWorkflow, fullNameOf } from '../state/model.ts';
import { smallRepositoryView } from './repositories.ts';
import { userView } from './users.ts';

export function runHtmlUrl(run: FakeRun): string {
  return `https://github.com/${fullNameOf(run.repository)}/actions/runs/${run.id}`;
}

/** A workflow run as GitHub's API and its webhook show it. */
export function runView(base: string, run: FakeRun): Record<string, unknown> {
  const { repository } = run;
  const url = `${base}/repos/${fullNameOf(repository)}/actions/runs/${run.id}`;
  const actor = userView(base, run.actor);
  return {
    id: BigInt(run.id),
    name: nameOf(run.path),
    node_id: `WFR_${run.id}`,
    head_branch: run.headBranch,
    head_sha: run.headSha,
    path: run.path,
    display_title: nameOf(run.path),
    run_number: run.runNumber,
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: run.workflowId,
    check_suite_id: run.checkSuiteId,
    check_suite_node_id: `CS_${run.checkSuiteId}`,
    url,
    html_url: runHtmlUrl(run),
    pull_requests: [],
    created_at: run.createdAt,
    updated_at: run.updatedAt,
    actor,
    run_attempt: run.attempt,
    referenced_workflows: [],
    run_started_at: run.createdAt,
    triggering_actor: actor,
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${base}/repos/${fullNameOf(repository)}/check-suites/${run.checkSuiteId}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: run.attempt > 1 ? `${url}/attempts/${run.attempt - 1}` : null,
    workflow_url: `${base}/repos/${fullNameOf(repository)}/actions/workflows/${run.workflowId}`,
    head_commit: commitView(run),
    repository: smallRepositoryView(base, repository),
    head_repository: headRepositoryView(base, run),
  };
}

/** A workflow as the listing shows it. */
export function workflowView(base: string, repository: FakeRepository, workflow: FakeWorkflow): Record<string, unknown> {
  const path = `.github/workflows/${workflow.file}`;
  const html = `https://github.com/${fullNameOf(repository)}`;
  return {
    id: workflow.id,
    node_id: `W_${workflow.id}`,
    name: nameOf(path),
    path,
    state: workflow.enabled ? 'active' : 'disabled_manually',
    created_at: repository.createdAt,
    updated_at: repository.createdAt,
    url: `${base}/repos/${fullNameOf(repository)}/actions/workflows/${workflow.id}`,
    html_url: `${html}/blob/${repository.defaultBranch}/${path}`,
    badge_url: `${html}/workflows/${nameOf(path)}/badge.svg`,
  };
}

function headRepositoryView(base: string, run: FakeRun): Record<string, unknown> | null {
  if (run.headRepository === null) {
    return null;
  }
  const own = smallRepositoryView(base, run.repository);
  const name = `somebody/${run.repository.name}`;
  const owner = userView(base, { id: 999, login: 'somebody', type: 'User' });
  return run.headRepository === 'own' ? own : { ...own, id: run.repository.id + 5_000_000, full_name: name, owner, fork: true };
}

function commitView(run: FakeRun): Record<string, unknown> {
  const who = { name: 'A Developer', email: 'developer@example.com' };
  return { id: run.headSha, tree_id: run.headSha, message: 'A change', timestamp: run.createdAt, author: who, committer: who };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.ya?ml.*$/u, '');
}
