import type { DispatchFailure, RunSkip, TargetDenial } from '@waybill/contracts';
import type { Tone } from '../../parts/state.tsx';
import type { Story, Target } from './dispatch.ts';

/** What a run led to, said in one sentence, and what to do about it. */
export interface Answer {
  readonly tone: Tone;
  readonly sentence: string;
  readonly reason: string | null;
  readonly meaning: string | null;
  readonly remedy: string | null;
  /** The file that must change; undefined when none would help. */
  readonly changeIn: Place | undefined;
}

/** A file of a repository, on its default branch. */
export interface Place {
  readonly repository: string;
  readonly path: string;
}

/** The closed lists of the contracts: a reason that is renamed there does not compile here. */
type Reason = RunSkip | TargetDenial | DispatchFailure;

/** Reasons that a change in the source's file removes, and those that one in the target's does. */
const SOURCE_SIDE: ReadonlySet<string> = new Set([
  'source_event_not_allowed',
  'source_conclusion_not_allowed',
  'source_branch_not_allowed',
  'source_config_missing',
  'source_config_invalid',
  'no_matching_outbound',
  'target_disabled',
  'inputs_template_invalid',
  'inputs_limit_exceeded',
  'ref_invalid',
  'self_dispatch',
  'duplicate_target',
  'max_targets_exceeded',
  'cycle_detected',
  'chain_depth_exceeded',
  'target_moved',
  'ref_not_found',
] satisfies Reason[]);
const TARGET_SIDE: ReadonlySet<string> = new Set([
  'target_config_missing',
  'target_config_invalid',
  'inbound_not_authorized',
  'inbound_condition_not_met',
  'inputs_not_accepted',
  'ref_not_accepted',
] satisfies Reason[]);

/** And in the workflow itself. */
const WORKFLOW_SIDE: ReadonlySet<string> = new Set([
  'workflow_not_found',
  'workflow_not_dispatchable',
  'inputs_rejected',
] satisfies Reason[]);

/** Where the `dispatching.yml` of a repository lies: as it was read, else in the root. */
const configOf = ({ files }: Pick<Story, 'files'>, repository: string): Place => {
  const file = files?.find((one) => one.repository.toLowerCase() === repository.toLowerCase());
  return { repository, path: file?.path || 'dispatching.yml' };
};

function placeOf(story: Story, { reason, owner, repo, workflow }: Target): Place | undefined {
  if (reason === null) return undefined;
  if (SOURCE_SIDE.has(reason)) return configOf(story, story.repository);
  if (TARGET_SIDE.has(reason)) return configOf(story, `${owner}/${repo}`);
  return WORKFLOW_SIDE.has(reason) ? { repository: `${owner}/${repo}`, path: `.github/workflows/${workflow}` } : undefined;
}

/** A target as people call it: `cd.yml of acme/api`. */
export const nameOf = ({ workflow, owner, repo }: Target): string => `${workflow} of ${owner}/${repo}`;

/** Within a sentence a common first word is written small. */
const within = (text: string): string => text.replace(/^(?:No|The|An|A|It|There|Nothing|This)(?= )/, (word) => word.toLowerCase());
const ended = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
const because = ({ detail, text, reason }: Pick<Target, 'detail' | 'text' | 'reason'>): string =>
  ended(within(detail || text?.meaning || reason || 'no reason is known'));

/** Why one target was started or was not. */
export function answerOf(story: Story, target: Target): Answer {
  const { reason, text } = target;
  const [tone, sentence] = outcomeOf(target);
  return {
    tone,
    sentence,
    reason,
    meaning: text?.meaning ?? null,
    remedy: text?.remedy ?? null,
    changeIn: placeOf(story, target),
  };
}

function outcomeOf(target: Target): [Tone, string] {
  const name = nameOf(target);
  switch (target.state) {
    case 'denied':
      return target.verdict === 'allowed'
        ? ['bad', `${name} was allowed at first, and denied when it was called: ${because(target)}`]
        : ['bad', `${name} was denied: ${because(target)}`];
    case 'failed':
      return ['bad', `${name} was allowed, but was not started: ${because(target)}`];
    case 'unknown':
      return ['warn', `It is not known yet whether ${name} was started: its runs are listed until one is found.`];
    case 'released':
      return ['warn', `${name} is allowed; the call did not reach GitHub and is made again: ${because(target)}`];
    case 'planned':
    case 'intended':
      return ['busy', `${name} is allowed and about to be called.`];
    case 'started':
      return startedOf(name, target);
    default:
      return target.state satisfies never;
  }
}

function startedOf(name: string, { run }: Target): [Tone, string] {
  if (run === null || run.endedAt === null)
    return ['good', `${name} was started${run === null || run.id === null ? '' : ` as run ${run.id}`}, and has not ended yet.`];
  const { conclusion } = run;
  return [
    conclusion === 'success' ? 'good' : 'warn',
    `${name} was started as run ${run.id ?? '?'} and ended with ${conclusion ?? 'no conclusion'}.`,
  ];
}

/** Why a run led to nothing; undefined when it led to something. */
export function skipAnswer(story: Story): Answer | undefined {
  const { skip, repository, workflow } = story;
  if (skip === null) return undefined;
  const { reason, detail, text = null } = skip;
  return {
    tone: 'off',
    sentence: `The run of ${workflow} started nothing: ${because({ detail, text, reason })}`,
    reason,
    meaning: text?.meaning ?? null,
    remedy: text?.remedy ?? null,
    changeIn: SOURCE_SIDE.has(reason) ? configOf(story, repository) : undefined,
  };
}

/** The target that a page begins with: the first that was denied or failed, else the first. */
export const firstToShow = (targets: readonly Target[]): Target | undefined =>
  targets.find(({ state }) => state === 'denied' || state === 'failed') ?? targets[0];

const WARNINGS: Readonly<Record<string, string>> = {
  config_shadowed: 'There is a .github/dispatching.yml too. It does not count, for the one in the root was found first.',
  details_left_out: 'There were so many targets that the details of their reasons were left out.',
};
/** A warning of a decision in words. */
export const warningText = (warning: string): string => WARNINGS[warning] ?? warning;
