import { type Chain, type DispatchTarget, type GithubRun, runIdentity } from '@waybill/contracts';
import { candidatesOf, denied, operatorDenial } from './candidates.ts';
import type { Denial, RunDecision, TargetDecision } from './decision.ts';
import type { DecidePorts, RepositoryFacts } from './ports.ts';
import { type ReadFile, Reads } from './reads.ts';
import { installationSkip, matchingRules, type Skip, sourceSkip } from './source.ts';
import { decideTargets, defaultRefOf, fileDenial, usable } from './targets.ts';

/**
 * Decides what a finished run leads to: github.md 3.2, 3.4 and 3.6. Targets keep the order of the file; one that is denied stops no other. Each
 * repository and each file is read at most once. Rejects only when GitHub cannot be asked.
 */
export async function decideRun(run: GithubRun, ports: DecidePorts): Promise<RunDecision> {
  const looked = ports.chainOf(run);
  const chain: Chain = looked.kind === 'link' ? looked.chain : { id: ports.newChainId(), depth: 0, ancestors: [] };
  const reads = new Reads(ports.github);
  const decided = (skip: Skip | undefined, warnings: readonly string[] = [], targets: readonly TargetDecision[] = []): RunDecision => ({
    kind: 'decided',
    skip,
    warnings,
    chain,
    targets,
    files: reads.kept(),
  });
  const identity = runIdentity(run);
  if (ports.isRepeat(identity)) {
    return decided({
      reason: 'duplicate_run_attempt',
      detail: `Attempt ${run.attempt} of run ${run.id} was handled before; to dispatch again, run it again.`,
    });
  }
  const early = sourceSkip(run, ports.policy);
  if (early !== undefined) return decided(early);
  if (looked.kind === 'not_yet') return { kind: 'later', reason: 'chain_not_known_yet', delayMs: looked.delayMs };
  if (looked.kind === 'unverifiable') {
    return decided({
      reason: 'chain_unverifiable',
      detail: 'This App started the run, but nothing is known of why: it may be one of another Waybill.',
    });
  }
  const lookup = await reads.repository(run.repository.owner, run.repository.name);
  const unusable = installationSkip(run, lookup);
  if (unusable !== undefined || lookup.kind !== 'found') return decided(unusable);
  const source = await reads.file(lookup.repository, { andShadowed: true });
  const warnings = source.kind === 'read' && source.shadowed ? ['config_shadowed'] : [];
  const rules = rulesOf(run, lookup.repository, source, ports);
  if ('reason' in rules) return decided(rules, warnings);
  const candidates = candidatesOf(run, rules, chain, ports);
  return decided(undefined, warnings, await decideTargets({ run, chain, ports, reads }, candidates));
}

function rulesOf(
  run: GithubRun,
  { owner, name }: RepositoryFacts,
  source: ReadFile,
  { policy }: DecidePorts,
): ReturnType<typeof matchingRules> {
  if (source.kind === 'missing') {
    return {
      reason: 'source_config_missing',
      detail: `${owner}/${name} has no dispatching.yml on its default branch, neither in the root nor in .github/.`,
    };
  }
  if (source.reading.kind === 'valid') return matchingRules(run, source.reading.file, policy);
  const [first] = source.reading.problems;
  const where = [first?.line === undefined ? '' : `line ${first.line}`, first?.path ?? ''].filter(Boolean).join(', ');
  return {
    reason: 'source_config_invalid',
    detail: `The ${source.path} of ${owner}/${name} cannot be used${where === '' ? '' : ` (${where})`}: ${first?.message ?? 'it is not valid'}.`,
  };
}

/**
 * Decides anew about one dispatch that was allowed before, by what the operator and the target's file say now; undefined when it is still allowed.
 * Rejects only when GitHub cannot be asked.
 */
export async function decideAgain(
  run: GithubRun,
  target: DispatchTarget,
  ports: Pick<DecidePorts, 'policy' | 'github' | 'pauseFor'>,
): Promise<Denial | undefined> {
  const forbidden = operatorDenial(run, target, ports);
  if (forbidden !== undefined) return forbidden;
  const reads = new Reads(ports.github);
  const lookup = await reads.repository(target.owner, target.repo);
  const reached = usable(target, lookup);
  if ('denial' in reached) return reached.denial;
  const { repository } = reached;
  if (repository.id !== target.repositoryId) {
    return denied(
      'target_moved',
      `${target.owner}/${target.repo} is another repository now than when this was allowed: run the source again.`,
    );
  }
  return fileDenial(run, target, await reads.file(repository), defaultRefOf(repository, ports.policy));
}
