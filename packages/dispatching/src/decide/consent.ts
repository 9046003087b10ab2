import { type GithubRun, workflowFileOf } from '@waybill/contracts';
import type { DispatchingFile, InboundRule, InboundTarget } from '../file/dispatching-file.ts';
import { matchesGlob } from '../file/glob.ts';
import { denied } from './candidates.ts';
import { type Condition, unmetConditions, whatRunHas } from './conditions.ts';
import type { Denial } from './decision.ts';
import { sameName } from './names.ts';

/** What is asked of a target's file. */
export interface Asked {
  readonly owner: string;
  readonly repo: string;
  readonly workflow: string;
  readonly ref: string;
  /** What a rule without `refs` lets in. */
  readonly defaultRef: string;
  readonly inputs: Readonly<Record<string, string>>;
}

const SUCCESS: ReadonlySet<string> = new Set(['success']);
const LISTS: Readonly<Record<Condition, string>> = { event: 'events', conclusion: 'conclusions', branch: 'branches' };

interface Judged {
  /** Checks passed before the one that failed. */
  readonly passed: number;
  readonly denial?: Denial | undefined;
}

/**
 * Whether the target's file lets this run start this workflow: one inbound rule must allow everything. Otherwise the reason of the rule that came
 * closest. Says nothing of what else stands in the file.
 */
export function consentDenial(run: GithubRun, file: DispatchingFile, asked: Asked): Denial | undefined {
  const judged = file.inbound.filter((rule) => namesSource(run, rule, asked)).flatMap((rule) => judge(run, rule, asked));
  if (judged.some(({ denial }) => denial === undefined)) return undefined;
  const [closest] = judged.toSorted((left, right) => right.passed - left.passed);
  return closest?.denial ?? notAuthorized(run, asked);
}

/** Judges the targets of a rule that name the workflow. Its conditions once for all of them: a file may have many patterns and many targets. */
function judge(run: GithubRun, rule: InboundRule, asked: Asked): readonly Judged[] {
  const targets = rule.targets.filter(({ workflow }) => workflow === asked.workflow);
  const unmet = targets.length === 0 ? [] : unmetConditions(run, rule.source, SUCCESS);
  const [condition] = unmet;
  if (condition === undefined) return targets.map((target) => judgeTarget(rule, target, asked));
  const detail = `${rule.name} in ${fileName(asked)} names this source, but does not take ${whatRunHas(run, condition)}: list it there under ${LISTS[condition]}.`;
  return [{ passed: 5 - unmet.length, denial: denied('inbound_condition_not_met', detail) }];
}

function judgeTarget(rule: InboundRule, target: InboundTarget, asked: Asked): Judged {
  const refused = Object.keys(asked.inputs).filter((key) => !target.acceptInputs.includes(key));
  if (refused.length > 0) {
    const detail = `${rule.name} in ${fileName(asked)} does not accept ${refused.join(', ')}: list them there under accept_inputs of ${asked.workflow}.`;
    return { passed: 5, denial: denied('inputs_not_accepted', detail) };
  }
  if (!(target.refs ?? [asked.defaultRef]).includes(asked.ref)) {
    return {
      passed: 6,
      denial: denied(
        'ref_not_accepted',
        `${rule.name} in ${fileName(asked)} does not accept the ref ${asked.ref}: list it there under refs of ${asked.workflow}.`,
      ),
    };
  }
  return { passed: 7 };
}

const fileName = ({ owner, repo }: Asked): string => `the dispatching.yml of ${owner}/${repo}`;

/** Names without an owner mean the owner of the file, never any. */
function namesSource({ repository, path }: GithubRun, { source }: InboundRule, asked: Asked): boolean {
  const workflow = workflowFileOf(path);
  if (workflow === undefined || !sameName(source.owner ?? asked.owner, repository.owner)) return false;
  if (!matchesGlob(source.repo.toLowerCase(), repository.name.toLowerCase())) return false;
  return source.workflows.includes('*') || source.workflows.includes(workflow);
}

const notAuthorized = (run: GithubRun, { owner, repo, workflow }: Asked): Denial =>
  denied(
    'inbound_not_authorized',
    `No inbound rule in the dispatching.yml of ${owner}/${repo} lets ${workflowFileOf(run.path) ?? run.path} of ${run.repository.owner}/${run.repository.name} ` +
      `start ${workflow}: add one there.`,
  );
