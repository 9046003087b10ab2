import { type Chain, type GithubRun, type TargetDenial, workflowFileOf } from '@waybill/contracts';
import type { OutboundRule, OutboundTarget } from '../file/dispatching-file.ts';
import { refProblem } from '../file/refs.ts';
import { renderInputs, variablesOf } from '../template/render.ts';
import type { Denial } from './decision.ts';
import { listsName, sameName } from './names.ts';
import type { DecidePorts, DispatchPolicy } from './ports.ts';

/** A target of the matching rules, as far as the source's own file tells. */
export interface Candidate {
  readonly rule: string;
  readonly owner: string;
  readonly repo: string;
  readonly workflow: string;
  /** As the file names it. */
  readonly ref?: string | undefined;
  /** Rendered; empty when they could not be. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The same without the chain's id: a run that is decided in two regions at once must lead to the same keys. */
  readonly keyInputs: Readonly<Record<string, string>>;
  readonly denial?: Denial | undefined;
}

export const denied = (reason: TargetDenial, detail: string): Denial => ({ reason, detail });

/** The targets of the rules in the order of the file, judged by all that needs no look at the target. */
export function candidatesOf(
  run: GithubRun,
  rules: readonly OutboundRule[],
  chain: Chain,
  ports: Pick<DecidePorts, 'policy' | 'pauseFor'>,
): readonly Candidate[] {
  const variables = variablesOf(run, chain);
  const keyVariables = variablesOf(run, { ...chain, id: 'chain' });
  const { maxInputs } = ports.policy;
  const seen = new Set<string>();
  let counted = 0;
  return rules.flatMap(({ name, targets }) =>
    targets.map((target): Candidate => {
      const owner = target.owner ?? run.repository.owner;
      const { repo, workflow, ref } = target;
      const { inputs = {}, denial: wrongInputs } = renderInputs(target.inputs, variables, maxInputs);
      const { inputs: keyInputs = {} } = renderInputs(target.inputs, keyVariables, maxInputs);
      const candidate = { rule: name, owner, repo, workflow, ref, inputs, keyInputs };
      const own = disabledDenial(target, name) ?? wrongInputs ?? refDenial(target) ?? selfDenial(run, candidate);
      if (own !== undefined) return { ...candidate, denial: own };
      const identity = identityOf(candidate);
      if (seen.has(identity)) return { ...candidate, denial: duplicateDenial(candidate) };
      seen.add(identity);
      counted += 1;
      return { ...candidate, denial: capDenial(counted, ports.policy) ?? operatorDenial(run, candidate, ports) };
    }),
  );
}

const disabledDenial = ({ enabled }: OutboundTarget, rule: string): Denial | undefined =>
  enabled ? undefined : denied('target_disabled', `The target says \`enabled: false\` in the rule ${rule}.`);

function refDenial({ ref }: OutboundTarget): Denial | undefined {
  const problem = ref === undefined ? undefined : refProblem(ref);
  return problem === undefined
    ? undefined
    : denied('ref_invalid', `The ref ${JSON.stringify(ref?.slice(0, 80))} cannot be used: ${problem}.`);
}

function selfDenial(run: GithubRun, { owner, repo, workflow }: Candidate): Denial | undefined {
  const isSelf = sameName(owner, run.repository.owner) && sameName(repo, run.repository.name) && workflow === workflowFileOf(run.path);
  return isSelf ? denied('self_dispatch', `${workflow} of ${owner}/${repo} is the workflow that just ran: name another one.`) : undefined;
}

const identityOf = ({ owner, repo, workflow, ref, inputs }: Candidate): string => {
  const sorted = Object.entries(inputs).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify([owner.toLowerCase(), repo.toLowerCase(), workflow, ref, sorted]);
};

export const duplicateDenial = ({ owner, repo, workflow }: Pick<Candidate, 'owner' | 'repo' | 'workflow'>): Denial =>
  denied(
    'duplicate_target',
    `${workflow} of ${owner}/${repo} stands in the rules before, with the same ref and the same inputs: remove one.`,
  );

const capDenial = (counted: number, { maxTargets }: DispatchPolicy): Denial | undefined =>
  counted > maxTargets
    ? denied('max_targets_exceeded', `A run has at most ${maxTargets} targets here (MAX_TARGETS_PER_RUN): this one comes after them.`)
    : undefined;

/** What the operator forbids, or has paused. */
export function operatorDenial(
  run: GithubRun,
  { owner, repo, workflow }: Pick<Candidate, 'owner' | 'repo' | 'workflow'>,
  { policy, pauseFor }: Pick<DecidePorts, 'policy' | 'pauseFor'>,
): Denial | undefined {
  if (!listsName(policy.allowedOwners, owner)) {
    return denied('target_owner_not_allowed', `The operator of this Waybill does not dispatch to ${owner}: it must be in ALLOWED_OWNERS.`);
  }
  if (!listsName(policy.targetRepositories, `${owner}/${repo}`)) {
    return denied('target_repo_not_allowed', `The operator does not dispatch to ${owner}/${repo}: it must be in TARGET_REPO_ALLOWLIST.`);
  }
  const pause = pauseFor(run, { owner, repo, workflow });
  return pause === undefined ? undefined : denied('operator_paused', `An operator has paused this (${pause.id}): ${pause.reason}`);
}
