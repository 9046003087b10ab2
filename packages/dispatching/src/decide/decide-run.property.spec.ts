import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Place, World } from '../testing/world.fixture.ts';
import type { RunDecision, TargetDecision } from './decision.ts';

const OWNERS = ['acme', 'beta', 'ACME'];
const REPOS = ['my-source-repo', 'my-target-repo', 'third'];
const WORKFLOWS = ['ci.yml', 'cd.yml'];

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
const some = (...values: readonly string[]): fc.Arbitrary<string[]> => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1 });
const conditions = {
  conclusions: maybe(some('success', 'failure')),
  branches: maybe(some('main', 'release/*', '**')),
  events: maybe(some('push', 'workflow_run')),
};
const named = fc.oneof(
  fc.constantFrom(...REPOS),
  fc.tuple(fc.constantFrom(...OWNERS), fc.constantFrom(...REPOS)).map((parts) => parts.join('/')),
);
const target = fc.record({
  repository: named,
  workflow: fc.constantFrom(...WORKFLOWS),
  ref: maybe(fc.constantFrom('main', 'release', 'a..b')),
  inputs: maybe(fc.dictionary(fc.constantFrom('sha', 'env'), fc.constantFrom('a', '{{ source.sha }}', '{{ nope }}'))),
  enabled: maybe(fc.boolean()),
});
const outboundRule = fc.record({
  source: fc.record({ workflow: fc.constantFrom(...WORKFLOWS), ...conditions }),
  targets: fc.array(target, { minLength: 1, maxLength: 5 }),
});
const inboundRule = fc.record({
  source: fc.record({
    repository: fc.oneof(named, fc.constantFrom('acme/*', 'beta/my-*')),
    workflow: fc.constantFrom(...WORKFLOWS, '*', '*'),
    ...conditions,
  }),
  targets: fc.array(
    fc.record({ workflow: fc.constantFrom(...WORKFLOWS), refs: maybe(some('main', 'release')), accept_inputs: maybe(some('sha', 'env')) }),
    { minLength: 1, maxLength: 2 },
  ),
});
/** JSON is YAML, and leaves out what is undefined. */
const file = fc
  .record({ outbound: fc.array(outboundRule, { minLength: 1, maxLength: 3 }), inbound: fc.array(inboundRule, { maxLength: 4 }) })
  .map((rules) => JSON.stringify(rules));
const run = fc.record({
  conclusion: fc.constantFrom('success', 'success', 'success', 'success', 'failure', null),
  event: fc.constantFrom('push', 'push', 'push', 'workflow_run'),
  headBranch: fc.constantFrom('main', 'main', 'main', 'release/1', null),
});
const given = fc.record({ source: file, target: file, third: file, run, owner: fc.constantFrom('acme', 'acme', 'beta') });
type Given = typeof given extends fc.Arbitrary<infer T> ? T : never;

function worldOf({ source, target: into, third, run: change, owner }: Given): World {
  const world = new World();
  world.out = source;
  world.in = into;
  const more: Place = { facts: { ...world.target.facts, id: '77', name: 'third', owner: 'beta' }, files: { 'dispatching.yml': third } };
  world.more = [more];
  world.moveSource(owner);
  Object.assign(world.run, change);
  return world;
}

const targetsOf = (decision: RunDecision): readonly TargetDecision[] => (decision.kind === 'decided' ? decision.targets : []);
const allowedOf = (decision: RunDecision): string[] =>
  targetsOf(decision).flatMap(({ outcome }) => (outcome.kind === 'allowed' ? [outcome.dispatch.key] : []));

/** Whether any rule of a file could mean this source: written anew and wide, so that it can only err on the allowing side. */
function namesSource(text: string, fileOwner: string, world: World): boolean {
  const rules: { inbound?: { source: { repository: string } }[] } = JSON.parse(text);
  const { owner, name } = world.run.repository;
  return (rules.inbound ?? []).some(({ source: { repository } }) => {
    const [first = '', second] = repository.toLowerCase().split('/');
    const [ruleOwner, ruleName] = second === undefined ? [fileOwner, first] : [first, second];
    return ruleOwner === owner.toLowerCase() && name.startsWith(ruleName.split('*')[0] ?? '');
  });
}

describe('whatever the files say', () => {
  it('allows only what the target names, what is enabled, and nothing twice; in the order of the file', async () => {
    let allowed = 0;
    await fc.assert(
      fc.asyncProperty(given, async (made) => {
        const world = worldOf(made);
        const decision = await world.decide();
        const targets = targetsOf(decision);
        expect(targets.map(({ ordinal }) => ordinal)).toEqual(targets.map((_, at) => at));
        for (const { outcome, repo } of targets) {
          if (outcome.kind !== 'allowed') continue;
          allowed += 1;
          const [text, owner] =
            repo === 'third' ? [made.third, 'beta'] : repo === 'my-target-repo' ? [made.target, 'acme'] : [made.source, made.owner];
          expect(namesSource(text, owner, world)).toBe(true);
        }
        expect(new Set(allowedOf(decision)).size).toBe(allowedOf(decision).length);
      }),
      { numRuns: 300 },
    );
    // Else the property says nothing.
    expect(allowed).toBeGreaterThan(0);
  });

  it('keeps the order of the file', async () => {
    await fc.assert(
      fc.asyncProperty(given, fc.array(target, { minLength: 1, maxLength: 40 }), async (made, targets) => {
        const world = worldOf(made);
        world.run = { ...world.run, conclusion: 'success', event: 'push', headBranch: 'main' };
        world.out = JSON.stringify({ outbound: [{ source: { workflow: 'ci.yml' }, targets }] });
        const told = targetsOf(await world.decide()).map(({ owner, repo, workflow }) => `${owner}/${repo} ${workflow}`);
        const owned = (name: string): string => (name.includes('/') ? name : `${made.owner}/${name}`);
        expect(told).toEqual(targets.map(({ repository, workflow }) => `${owned(repository)} ${workflow}`));
      }),
    );
  });

  it('an allowlist more never allows more, and a rule less in the target neither', async () => {
    const lists = fc.record({
      allowedOwners: maybe(fc.uniqueArray(fc.constantFrom('acme', 'beta')).map((owners) => new Set(owners))),
      targetRepositories: maybe(some('acme/my-target-repo', 'beta/third').map((names) => new Set(names))),
      sourceRepositories: maybe(some('acme/my-source-repo', 'acme/x').map((names) => new Set(names))),
      sourceWorkflows: maybe(some('ci.yml', 'x.yml').map((names) => new Set(names))),
    });
    await fc.assert(
      fc.asyncProperty(given, lists, async (made, { allowedOwners, ...more }) => {
        const open = worldOf(made);
        const narrow = worldOf(made);
        Object.assign(narrow.policy, more, allowedOwners === undefined ? {} : { allowedOwners });
        const all = allowedOf(await open.decide());
        expect(allowedOf(await narrow.decide()).filter((key) => !all.includes(key))).toEqual([]);
        const closed = worldOf({ ...made, target: '', third: '' });
        expect(allowedOf(await closed.decide()).filter((key) => !all.includes(key))).toEqual([]);
      }),
    );
  });

  it('never rejects while GitHub answers, even over files that are none', async () => {
    await fc.assert(
      fc.asyncProperty(given, fc.string(), fc.string(), async (made, source, into) => {
        const world = worldOf(made);
        world.out = source;
        world.in = into;
        expect((await world.decide()).kind).toBe('decided');
      }),
    );
  });
});
