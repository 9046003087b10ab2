import { type Chain, dispatchKey, type DispatchTarget, type GithubRun, runIdentity, workflowFileOf } from '@waybill/contracts';
import { refProblem } from '../file/refs.ts';
import { type Candidate, denied, duplicateDenial } from './candidates.ts';
import { consentDenial } from './consent.ts';
import type { Denial, TargetDecision } from './decision.ts';
import type { DecidePorts, DispatchPolicy, Edge, RepositoryFacts, RepositoryLookup } from './ports.ts';
import { forEachBounded, type ReadFile, type Reads } from './reads.ts';

const READS_AT_ONCE = 10;
/** What the inputs of all dispatches of one run may take together: they travel in one fact. */
const MAX_RUN_INPUTS = 262_144;

/** One run and what its targets are judged by. */
interface Judging {
  readonly run: GithubRun;
  readonly chain: Chain;
  readonly ports: DecidePorts;
  readonly reads: Reads;
}

/** What earlier targets of the same run have taken. */
interface Taken {
  readonly keys: Set<string>;
  readonly edges: Map<string, number>;
  inputBytes: number;
}

/** Judges the targets of a run in the order of the file. What GitHub must be asked is asked ahead, several at once. */
export async function decideTargets(judging: Judging, candidates: readonly Candidate[]): Promise<readonly TargetDecision[]> {
  const open = candidates.filter(({ denial }) => denial === undefined);
  await forEachBounded(open, READS_AT_ONCE, async (candidate) => {
    const lookup = await judging.reads.repository(candidate.owner, candidate.repo);
    const reached = reach(judging, candidate, lookup, new Map());
    if ('repository' in reached) await judging.reads.file(reached.repository);
  });
  const taken: Taken = { keys: new Set(), edges: new Map(), inputBytes: 0 };
  const decisions: TargetDecision[] = [];
  for (const [ordinal, candidate] of candidates.entries()) {
    const { rule, owner, repo, workflow } = candidate;
    const { ref, outcome } = await judge(judging, candidate, taken);
    decisions.push({ ordinal, owner, repo, workflow, ref, rule, outcome });
  }
  return decisions;
}

type Judged = Pick<TargetDecision, 'ref' | 'outcome'>;

const deny = (denial: Denial, ref: string | undefined): Judged => ({ ref, outcome: { kind: 'denied', denial } });

async function judge(judging: Judging, candidate: Candidate, taken: Taken): Promise<Judged> {
  if (candidate.denial !== undefined) return deny(candidate.denial, candidate.ref);
  const { run, chain, ports, reads } = judging;
  const lookup = await reads.repository(candidate.owner, candidate.repo);
  const reached = reach(judging, candidate, lookup, taken.edges);
  if ('denial' in reached) return deny(reached.denial, candidate.ref);
  const { repository } = reached;
  const dispatch = dispatchOf(run, chain, candidate, { repository, policy: ports.policy });
  if (taken.keys.has(dispatch.key)) return deny(duplicateDenial(candidate), dispatch.ref);
  const refused =
    fileDenial(run, dispatch, await reads.file(repository), defaultRefOf(repository, ports.policy)) ?? sizeDenial(dispatch, taken);
  if (refused !== undefined) return deny(refused, dispatch.ref);
  taken.keys.add(dispatch.key);
  const edge = edgeOf(run, repository, candidate).target;
  taken.edges.set(edge, (taken.edges.get(edge) ?? 0) + 1);
  return { ref: dispatch.ref, outcome: { kind: 'allowed', dispatch } };
}

type Reached = { readonly repository: RepositoryFacts } | { readonly denial: Denial };

/**
 * Chain, pace and whether the target can be reached at all, in this order; but without the repository's id only the depth and the last can be told.
 * `taken`: dispatches of this run so far, by target of the edge.
 */
function reach({ run, chain, ports }: Judging, candidate: Candidate, lookup: RepositoryLookup, taken: Taken['edges']): Reached {
  const { maxChainDepth, edgeLimit } = ports.policy;
  const edge = lookup.kind === 'found' ? edgeOf(run, lookup.repository, candidate) : undefined;
  const name = `${candidate.workflow} of ${candidate.owner}/${candidate.repo}`;
  if (edge !== undefined && chain.ancestors.includes(edge.target)) {
    return { denial: denied('cycle_detected', `${name} ran before in this chain (${chain.id}): break the circle in the rules.`) };
  }
  if (chain.depth + 1 > maxChainDepth) {
    const detail = `This chain (${chain.id}) has ${chain.depth} links already, and MAX_CHAIN_DEPTH is ${maxChainDepth}: shorten it.`;
    return { denial: denied('chain_depth_exceeded', detail) };
  }
  if (edge !== undefined && ports.edgeCount(edge) + (taken.get(edge.target) ?? 0) >= edgeLimit) {
    const detail = `This workflow started ${name} ${edgeLimit} times within ten minutes (MAX_DISPATCHES_PER_EDGE): look for a loop.`;
    return { denial: denied('edge_rate_exceeded', detail) };
  }
  return usable(candidate, lookup);
}

const edgeOf = (run: GithubRun, repository: RepositoryFacts, { workflow }: Pick<Candidate, 'workflow'>): Edge => ({
  source: placeOfRun(run),
  target: `${repository.id}/${workflow}`,
});

const placeOfRun = (run: GithubRun): string => `${run.repository.id}/${workflowFileOf(run.path) ?? ''}`;

const unavailable = (detail: string): Reached => ({ denial: denied('target_unavailable', detail) });

/** The repository of a target, or why it cannot be dispatched to whatever its file says. */
export function usable({ owner, repo }: Pick<Candidate, 'owner' | 'repo'>, lookup: RepositoryLookup): Reached {
  const name = `${owner}/${repo}`;
  switch (lookup.kind) {
    case 'not_installed': {
      const detail = `The App is not installed in ${name}, or there is no such repository: install it there, or correct the name.`;
      return { denial: denied('target_not_installed', detail) };
    }
    case 'suspended':
      return unavailable(`The installation of the App in ${owner} is suspended: its owners can end that.`);
    case 'moved':
      return { denial: denied('target_moved', `${name} was renamed or transferred: write its new name in the rule.`) };
    case 'found':
      if (lookup.repository.archived) return unavailable(`${name} is archived: remove the target, or make it available again.`);
      return lookup.repository.disabled ? unavailable(`GitHub has disabled ${name}: ask its support.`) : { repository: lookup.repository };
  }
}

/** The ref of a target whose rule names none, which is also what inbound rules without `refs` let in. */
export const defaultRefOf = ({ defaultBranch }: RepositoryFacts, { defaultRef }: DispatchPolicy): string =>
  defaultRef ?? (defaultBranch || 'main');

function dispatchOf(
  run: GithubRun,
  chain: Chain,
  { owner, repo, workflow, ref, inputs, keyInputs, rule }: Candidate,
  { repository, policy }: { readonly repository: RepositoryFacts; readonly policy: DispatchPolicy },
): DispatchTarget {
  const called = { repositoryId: repository.id, workflow, ref: ref ?? defaultRefOf(repository, policy) };
  return {
    key: dispatchKey(runIdentity(run), { ...called, inputs: { ...keyInputs } }),
    host: run.host,
    installationId: repository.installationId,
    ...called,
    inputs: { ...inputs },
    owner,
    repo,
    rule,
    chain: { id: chain.id, depth: chain.depth + 1, ancestors: [...chain.ancestors, placeOfRun(run)] },
  };
}

/** What the target's file says against a dispatch. */
export function fileDenial(run: GithubRun, dispatch: DispatchTarget, file: ReadFile, defaultRef: string): Denial | undefined {
  const name = `${dispatch.owner}/${dispatch.repo}`;
  if (file.kind === 'missing') {
    return denied('target_config_missing', `${name} has no dispatching.yml on its default branch: add one there with an inbound rule.`);
  }
  if (file.reading.kind === 'invalid') {
    return denied(
      'target_config_invalid',
      `The ${file.path} of ${name} cannot be used: \`waybill github lint\` says there what is wrong with it.`,
    );
  }
  const wrongRef = refProblem(dispatch.ref);
  if (wrongRef !== undefined)
    return denied('ref_invalid', `The default ref ${JSON.stringify(dispatch.ref)} of ${name} cannot be used: ${wrongRef}.`);
  return consentDenial(run, file.reading.file, { ...dispatch, defaultRef });
}

function sizeDenial({ inputs }: DispatchTarget, taken: Taken): Denial | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(inputs));
  if (taken.inputBytes + bytes > MAX_RUN_INPUTS) {
    return denied('inputs_limit_exceeded', 'The inputs of all targets of this run take more than 256 KiB together: send less.');
  }
  taken.inputBytes += bytes;
  return undefined;
}
