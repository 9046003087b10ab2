import type { GithubRun } from '@waybill/contracts';
import { matchesGlob } from '../file/glob.ts';

/** What both kinds of rules may say about a run. */
export interface Conditions {
  readonly conclusions?: readonly string[] | undefined;
  readonly branches?: readonly string[] | undefined;
  readonly events?: readonly string[] | undefined;
}

export type Condition = 'event' | 'conclusion' | 'branch';

/**
 * Events that outsiders can cause. `workflow_run` among them: it runs in the base repository, on its default branch, after a pull request of a fork.
 * `gollum` too: some wikis may be edited by everybody.
 */
const UNTRUSTED = /^(?:pull_request.*|issue_comment|issues|discussion.*|fork|gollum|watch|workflow_run)$/;

/** The conditions of a rule that a run does not meet, in the order in which they are looked at. `conclusions`: those that count when the rule names none. */
export function unmetConditions(run: GithubRun, rule: Conditions, conclusions: ReadonlySet<string> | 'any'): readonly Condition[] {
  const met: Readonly<Record<Condition, boolean>> = {
    event: rule.events?.includes(run.event) ?? !UNTRUSTED.test(run.event),
    conclusion: meetsConclusion(run.conclusion, rule.conclusions, conclusions),
    branch: meetsBranch(run, rule.branches),
  };
  const order: readonly Condition[] = ['event', 'conclusion', 'branch'];
  return order.filter((condition) => !met[condition]);
}

function meetsConclusion(
  conclusion: string | null,
  listed: readonly string[] | undefined,
  otherwise: ReadonlySet<string> | 'any',
): boolean {
  if (conclusion === null) return false;
  return listed?.includes(conclusion) ?? (otherwise === 'any' || otherwise.has(conclusion));
}

function meetsBranch({ headBranch, repository }: GithubRun, listed: readonly string[] | undefined): boolean {
  if (headBranch === null) return false;
  return listed?.some((pattern) => matchesGlob(pattern, headBranch)) ?? headBranch === repository.defaultBranch;
}

/** What a run has where a condition is not met, for a sentence: `the conclusion failure`. */
export function whatRunHas(run: GithubRun, condition: Condition): string {
  const value = { event: run.event, conclusion: run.conclusion ?? 'none', branch: run.headBranch ?? 'none' }[condition];
  return `the ${condition} \`${value}\``;
}
