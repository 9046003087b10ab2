import { type GithubRun, type RunSkip, workflowFileOf } from '@waybill/contracts';
import type { DispatchingFile, OutboundRule } from '../file/dispatching-file.ts';
import { type Condition, unmetConditions, whatRunHas } from './conditions.ts';
import { listsName } from './names.ts';
import type { DispatchPolicy, RepositoryLookup } from './ports.ts';

export interface Skip {
  readonly reason: RunSkip;
  readonly detail: string;
}

const skip = (reason: RunSkip, detail: string): Skip => ({ reason, detail });

/** What keeps a run from being looked at, as far as the run itself and the operator tell. */
export function sourceSkip(run: GithubRun, policy: DispatchPolicy): Skip | undefined {
  const { repository, headRepository } = run;
  const name = `${repository.owner}/${repository.name}`;
  if (!listsName(policy.allowedOwners, repository.owner)) {
    return skip(
      'source_owner_not_allowed',
      `The operator of this Waybill does not take runs of ${repository.owner}: it must be in ALLOWED_OWNERS.`,
    );
  }
  if (!listsName(policy.sourceRepositories, name)) {
    return skip(
      'source_repo_not_allowed',
      `The operator of this Waybill does not take runs of ${name}: it must be in SOURCE_REPO_ALLOWLIST.`,
    );
  }
  if (policy.sourceWorkflows !== undefined && !policy.sourceWorkflows.has(workflowFileOf(run.path) ?? '')) {
    return skip(
      'source_workflow_not_allowed',
      `The operator does not take runs of ${workflowName(run)}: it must be in SOURCE_WORKFLOW_ALLOWLIST.`,
    );
  }
  if (headRepository === null) {
    return skip(
      'source_head_unverifiable',
      'GitHub does not say which repository the commit of this run came from, as when a fork was deleted.',
    );
  }
  if (headRepository.id !== repository.id) {
    return skip('source_from_fork', `The commit of this run came from ${headRepository.fullName}: runs of forks never dispatch.`);
  }
  return undefined;
}

/** What is wrong with the installation through which the source is read. */
export function installationSkip(run: GithubRun, lookup: RepositoryLookup): Skip | undefined {
  const { repository } = run;
  const name = `${repository.owner}/${repository.name}`;
  const unusable = (detail: string): Skip => skip('source_installation_unusable', detail);
  switch (lookup.kind) {
    case 'not_installed':
      return unusable(`The App is not installed in ${name}: install it there.`);
    case 'suspended':
      return unusable(`The installation of the App in ${repository.owner} is suspended: end that in its settings.`);
    case 'moved':
      return unusable(`${name} was renamed or transferred since the run: run it again.`);
    case 'found':
      return lookup.repository.id === repository.id ? undefined : unusable(`${name} is another repository now than the one that ran.`);
  }
}

const PLURAL = { event: 'events', conclusion: 'conclusions', branch: 'branches' } as const;
const SKIPPED_BY = {
  event: 'source_event_not_allowed',
  conclusion: 'source_conclusion_not_allowed',
  branch: 'source_branch_not_allowed',
} as const satisfies Record<Condition, RunSkip>;

/** The rules that a run starts, or why there are none: what the rule said that came closest. */
export function matchingRules(run: GithubRun, { outbound }: DispatchingFile, policy: DispatchPolicy): readonly OutboundRule[] | Skip {
  const workflow = workflowFileOf(run.path);
  const named = outbound.filter(({ source }) => workflow !== undefined && source.workflows.includes(workflow));
  const judged = named.map((rule) => ({ rule, unmet: unmetConditions(run, rule.source, policy.conclusions) }));
  const matching = judged.filter(({ unmet }) => unmet.length === 0).map(({ rule }) => rule);
  if (matching.length > 0) return matching;
  const [closest] = judged.toSorted((left, right) => left.unmet.length - right.unmet.length);
  const [condition] = closest?.unmet ?? [];
  if (closest === undefined || condition === undefined) {
    return skip('no_matching_outbound', `No outbound rule of the dispatching.yml names ${workflowName(run)}; names are compared exactly.`);
  }
  return skip(
    SKIPPED_BY[condition],
    `The rule ${closest.rule.name} names this workflow, but does not take ${whatRunHas(run, condition)}: list it under ${PLURAL[condition]} in both files if it should.`,
  );
}

const workflowName = ({ path }: GithubRun): string =>
  workflowFileOf(path) ?? (path === '' ? 'a workflow without a file' : path.slice(0, 200));
