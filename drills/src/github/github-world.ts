import { GithubFake } from '@waybill/github-fake';

/** Repositories that each owner has: one source, and the targets that it names. */
const SOURCE = 'app';
export const TARGETS = ['deploy-a', 'deploy-b'] as const;
/** The input by which an effect is found again: the id of the run that asked for it. */
const INPUT = 'run';

const OUTBOUND = `outbound:
  - source: { workflow: ci.yml }
    targets:
${TARGETS.map((repo) => `      - { repository: ${repo}, workflow: cd.yml, inputs: { ${INPUT}: "{{ source.run_id }}" } }`).join('\n')}
`;
const INBOUND = `inbound:
  - source: { repository: ${SOURCE}, workflow: ci.yml }
    targets:
      - { workflow: cd.yml, accept_inputs: [${INPUT}] }
`;

/** One run that ended in a source, and is owed to all targets of its owner. */
export interface SentRun {
  readonly runId: string;
  readonly owner: string;
  /** By the wall clock, as the fake's ledger. */
  readonly atMs: number;
}

/** Makes owners with a source and two targets each, which trust each other. */
export function populate(fake: GithubFake, owners: readonly string[]): void {
  for (const owner of owners) {
    fake.owner(owner);
    fake.repository(`${owner}/${SOURCE}`, { files: { 'dispatching.yml': OUTBOUND }, workflows: { 'ci.yml': {} } });
    const workflows = { 'cd.yml': { inputs: { [INPUT]: { required: true } }, runsForMs: 20 } };
    for (const repo of TARGETS) fake.repository(`${owner}/${repo}`, { files: { 'dispatching.yml': INBOUND }, workflows });
  }
}

/** Makes an owner whose source names `count` targets, all of which consent. */
export function populateWide(fake: GithubFake, owner: string, count: number): void {
  fake.owner(owner);
  const repos = Array.from({ length: count }, (_, index) => `target-${index + 1}`);
  const targets = repos.map((repo) => `      - { repository: ${repo}, workflow: cd.yml }`);
  const text = ['outbound:', '  - source: { workflow: ci.yml }', '    targets:', ...targets, ''].join('\n');
  fake.repository(`${owner}/${SOURCE}`, { files: { 'dispatching.yml': text }, workflows: { 'ci.yml': {} } });
  const inbound = `inbound:\n  - source: { repository: ${SOURCE}, workflow: ci.yml }\n    targets: [{ workflow: cd.yml }]\n`;
  for (const repo of repos)
    fake.repository(`${owner}/${repo}`, { files: { 'dispatching.yml': inbound }, workflows: { 'cd.yml': { runsForMs: 20 } } });
}

/** Milliseconds between the end of each run and each of its starts, in ascending order. */
export function latencies(fake: GithubFake, sent: readonly SentRun[]): number[] {
  const endedMs = new Map(sent.map(({ runId, atMs }) => [runId, atMs]));
  const waits = fake.ledger.dispatches.map(({ inputs, atMs }) => atMs - (endedMs.get(textOf(inputs[INPUT])) ?? Number.NaN));
  return waits.filter((ms) => !Number.isNaN(ms)).toSorted((left, right) => left - right);
}

/** Ends a run of an owner's source now. */
export function endRun(fake: GithubFake, owner: string): SentRun {
  const { runId } = fake.finishRun(`${owner}/${SOURCE}`, { workflow: 'ci.yml' });
  return { runId, owner, atMs: Date.now() };
}

/** What a run is owed: one start of `cd.yml` in each target of its owner. */
export const owed = ({ runId, owner }: SentRun): string[] => TARGETS.map((repo) => `${owner}/${repo} run ${runId}`);

const textOf = (input: unknown): string => (typeof input === 'string' ? input : '');

/** The starts that really happened, by the same names, with what is wrong about each call. */
export function effects(fake: GithubFake): { readonly counts: ReadonlyMap<string, number>; readonly wrong: readonly string[] } {
  const counts = new Map<string, number>();
  const wrong: string[] = [];
  for (const { owner, repo, workflow, ref, inputs } of fake.ledger.dispatches) {
    // The wide run names no run in its inputs; it is counted by its drill.
    if (inputs[INPUT] === undefined) continue;
    const name = `${owner}/${repo} run ${textOf(inputs[INPUT])}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (workflow !== 'cd.yml' || ref !== 'main' || Object.keys(inputs).join() !== INPUT) wrong.push(`${name}: ${workflow} on ${ref}`);
  }
  return { counts, wrong };
}
