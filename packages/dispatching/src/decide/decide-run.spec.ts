import { dispatchKey, runIdentity } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { readWorkflowRun } from '../run/read-workflow-run.ts';
import { CONSENT_ROWS, FILE_ROWS, OTHER_ROWS, type Row, SOURCE_ROWS, TARGET_ROWS } from '../testing/rows.fixture.ts';
import { payload } from '../testing/payload.fixture.ts';
import { FROM_S, inbound, outbound, TARGET_ID, tell, TO_T, World } from '../testing/world.fixture.ts';
import { decideAgain, decideRun } from './decide-run.ts';
import type { TargetDecision } from './decision.ts';
import type { RepositoryLookup } from './ports.ts';

const ROWS: readonly Row[] = [...SOURCE_ROWS, ...CONSENT_ROWS, ...TARGET_ROWS, ...FILE_ROWS, ...OTHER_ROWS];

const targetsOf = async (world: World): Promise<readonly TargetDecision[]> => {
  const decision = await world.decide();
  return decision.kind === 'decided' ? decision.targets : [];
};
const allowed = async (world: World): Promise<Extract<TargetDecision['outcome'], { kind: 'allowed' }>['dispatch']> => {
  const [target] = await targetsOf(world);
  if (target?.outcome.kind !== 'allowed') throw new Error(`not allowed: ${JSON.stringify(target)}`);
  return target.outcome.dispatch;
};

describe('the decision matrix', () => {
  it.each(ROWS)('row %i: %s', async (_row, _what, change, result) => {
    const world = new World();
    change(world);
    expect(tell(await world.decide())).toBe(result);
  });

  it('has every row that is about deciding; row 21 is about the webhook, 54 to 58 about the call, 59 about deciding again', () => {
    const rows = new Set(ROWS.map(([row]) => row));
    expect(Array.from({ length: 53 }, (_, at) => at + 1).filter((row) => !rows.has(row))).toEqual([21]);
  });

  it.each(ROWS.filter(([, , , result]) => !result.startsWith('later')))('row %i says what to do: %s', async (_row, _what, change) => {
    const world = new World();
    change(world);
    const decision = await world.decide();
    const details =
      decision.kind === 'later'
        ? []
        : [
            decision.skip?.detail,
            ...decision.targets.map(({ outcome }) => (outcome.kind === 'denied' ? outcome.denial.detail : undefined)),
          ];
    for (const detail of details) expect(detail ?? 'None.').toMatch(/^\S.{4,}/);
  });
});

describe('row 1 in full', () => {
  it('holds all that the call needs', async () => {
    const world = new World();
    const decision = await world.decide();
    expect(decision).toEqual({
      kind: 'decided',
      skip: undefined,
      warnings: [],
      chain: { id: 'chain-1', depth: 0, ancestors: [] },
      targets: [
        {
          ordinal: 0,
          owner: 'acme',
          repo: 'my-target-repo',
          workflow: 'cd.yml',
          ref: 'main',
          rule: 'outbound[0]',
          outcome: {
            kind: 'allowed',
            dispatch: {
              key: dispatchKey(runIdentity(world.run), { repositoryId: TARGET_ID, workflow: 'cd.yml', ref: 'main', inputs: {} }),
              host: 'github.com',
              installationId: '795',
              repositoryId: TARGET_ID,
              owner: 'acme',
              repo: 'my-target-repo',
              workflow: 'cd.yml',
              ref: 'main',
              inputs: {},
              rule: 'outbound[0]',
              chain: { id: 'chain-1', depth: 1, ancestors: ['9007199254740993/ci.yml'] },
            },
          },
        },
      ],
      files: [
        { repository: 'acme/my-source-repo', path: 'dispatching.yml', text: outbound(TO_T) },
        { repository: 'acme/my-target-repo', path: 'dispatching.yml', text: inbound(FROM_S) },
      ],
    });
  });

  it('has the same key whatever its chain is called', async () => {
    const [one, other] = [new World(), new World()];
    other.chain = { kind: 'link', chain: { id: 'another', depth: 0, ancestors: [] } };
    for (const world of [one, other]) {
      world.out = outbound(`${TO_T}, inputs: { chain: "{{ waybill.chain_id }}" }`);
      world.in = inbound(FROM_S, 'workflow: cd.yml, accept_inputs: [chain]');
    }
    const dispatches = [await allowed(one), await allowed(other)];
    expect(dispatches.map(({ inputs }) => inputs['chain'])).toEqual(['chain-1', 'another']);
    expect(new Set(dispatches.map(({ key }) => key)).size).toBe(1);
  });

  it('carries a chain on', async () => {
    const world = new World();
    world.chain = { kind: 'link', chain: { id: 'chain-0', depth: 1, ancestors: ['1/a.yml'] } };
    expect((await allowed(world)).chain).toEqual({ id: 'chain-0', depth: 2, ancestors: ['1/a.yml', '9007199254740993/ci.yml'] });
  });
});

describe('the files of a decision', () => {
  const filesOf = async (change: (world: World) => void) => {
    const world = new World();
    change(world);
    const decision = await world.decide();
    return decision.kind === 'decided' ? decision.files : [];
  };

  it("are the source's and those of the targets that were read, by name, with what is missing", async () => {
    const targets = ['zebra', 'my-target-repo', 'ant', 'ant'].map((name) => `{ repository: ${name}, workflow: cd.yml }`);
    const files = await filesOf((world) => {
      world.out = `outbound:\n  - source: { workflow: ci.yml }\n    targets: [${targets.join(', ')}, { repository: off, workflow: a.yml, enabled: false }]\n`;
      const { facts } = world.target;
      world.more = [
        { facts: { ...facts, id: '7', name: 'zebra' }, files: {} },
        { facts: { ...facts, id: '8', name: 'ant' }, files: { '.github/dispatching.yml': 'inbound: 7' } },
        { facts: { ...facts, id: '9', name: 'off' }, files: { 'dispatching.yml': 'never read' } },
      ];
    });
    expect(files.map(({ repository, path, text, missing }) => [repository, path, missing ?? text.slice(0, 8)])).toEqual([
      ['acme/my-source-repo', 'dispatching.yml', 'outbound'],
      ['acme/ant', '.github/dispatching.yml', 'inbound:'],
      ['acme/my-target-repo', 'dispatching.yml', 'inbound:'],
      ['acme/zebra', 'dispatching.yml', true],
    ]);
  });

  it('are none when nothing was read, and the text of none that GitHub withheld', async () => {
    expect(await filesOf((world) => (world.policy.allowedOwners = new Set(['other'])))).toEqual([]);
    const world = new World();
    const github: World['github'] = {
      ...world.github,
      dispatchingFile: async () => ({ kind: 'found', text: '###', path: 'dispatching.yml', shadowed: false, sha: 'abc', isWithheld: true }),
    };
    expect(await decideRun(world.run, { ...world.ports, github })).toMatchObject({
      files: [{ repository: 'acme/my-source-repo', path: 'dispatching.yml', sha: 'abc', text: '', isCut: true }],
    });
  });
});

describe('what is asked of GitHub', () => {
  const asked = async (change: (world: World) => void): Promise<readonly string[]> => {
    const world = new World();
    change(world);
    await world.decide();
    return [...world.lookups, ...world.reads.map((name) => `file of ${name}`)];
  };
  const source = ['acme/my-source-repo', 'file of acme/my-source-repo'];

  it('is each repository and each file once', async () => {
    const twice = `${TO_T}, inputs: { a: b }`;
    const given = `outbound:\n  - source: { workflow: ci.yml }\n    targets: [{ ${TO_T} }, { ${twice} }, { repository: my-source-repo, workflow: x.yml }]\n`;
    expect(await asked((world) => (world.out = given))).toEqual([
      'acme/my-source-repo',
      'acme/my-target-repo',
      'file of acme/my-source-repo',
      'file of acme/my-target-repo',
    ]);
  });

  it.each<[string, (world: World) => void]>([
    ['row 35, a disabled target', (world) => (world.out = outbound(`${TO_T}, enabled: false`))],
    ['row 45, a target that the operator does not allow', (world) => (world.policy.targetRepositories = new Set(['acme/other']))],
    ['a paused target', (world) => (world.pause = { id: 'stop', reason: 'an incident', createdAt: '', updatedAt: '' })],
    ['row 42, a ref that can be none', (world) => (world.out = outbound(`${TO_T}, ref: a..b`))],
    ['a broken template', (world) => (world.out = outbound(`${TO_T}, inputs: { a: "{{ b }}" }`))],
  ])('is nothing about %s', async (_, change) => {
    expect((await asked(change)).toSorted()).toEqual(source.toSorted());
  });

  it.each<[string, (world: World) => void]>([
    ['archived', (world) => (world.target.facts.archived = true)],
    ['too deep in a chain', (world) => (world.chain = { kind: 'link', chain: { id: 'c', depth: 3, ancestors: [] } })],
  ])('is no file of a target that is %s', async (_, change) => {
    expect(await asked(change)).not.toContain('file of acme/my-target-repo');
  });

  it.each<[string, (world: World) => void]>([
    ['an owner that is not allowed', (world) => (world.policy.allowedOwners = new Set(['beta']))],
    ['a fork', (world) => (world.run.headRepository = { id: '6', fullName: 'mallory/x' })],
    ['a repeat', (world) => (world.repeated = runIdentity(world.run))],
    ['a chain that is not known', (world) => (world.chain = { kind: 'unverifiable' })],
  ])('is nothing for %s', async (_, change) => {
    expect(await asked(change)).toEqual([]);
  });

  it('ends the decision when it fails', async () => {
    const world = new World();
    const away = new Error('GitHub is away');
    const github = { ...world.github, dispatchingFile: () => Promise.reject(away) };
    await expect(decideRun(world.run, { ...world.ports, github })).rejects.toBe(away);
  });

  it('is asked for ten targets at once, and told in the order of the file', async () => {
    const world = new World();
    const names = Array.from({ length: 25 }, (_, at) => `t${at}`);
    world.out = `outbound:\n  - source: { workflow: ci.yml }\n    targets: [${names.map((name) => `{ repository: ${name}, workflow: cd.yml }`).join(', ')}]\n`;
    const open = { now: 0, most: 0 };
    const { github } = world;
    const slow = async (owner: string, name: string): Promise<RepositoryLookup> => {
      open.now += 1;
      open.most = Math.max(open.most, open.now);
      await new Promise((resolve) => setTimeout(resolve, 1 + (Number(name.slice(1)) % 3 || 0)));
      open.now -= 1;
      return github.repository(owner, name);
    };
    const decision = await (
      await import('./decide-run.ts')
    ).decideRun(world.run, { ...world.ports, github: { ...world.github, repository: slow } });
    expect(open.most).toBe(10);
    expect(decision.kind === 'decided' && decision.targets.map(({ repo }) => repo)).toEqual(names);
  });
});

describe('row 59: deciding again', () => {
  const again = async (change: (world: World) => void): Promise<string | undefined> => {
    const world = new World();
    const dispatch = await allowed(world);
    change(world);
    return (await decideAgain(world.run, dispatch, world.ports))?.reason;
  };

  it.each<[string, (world: World) => void, string | undefined]>([
    ['nothing has changed', () => undefined, undefined],
    ['T has taken its consent back', (world) => (world.in = 'inbound:\n'), 'inbound_not_authorized'],
    ['T has no file any more', (world) => (world.target.files = {}), 'target_config_missing'],
    ['T asks for another branch now', (world) => (world.in = inbound(`${FROM_S}, branches: [other]`)), 'inbound_condition_not_met'],
    [
      'the default branch of T is another, so the ref is none that it lets in',
      (world) => (world.target.facts.defaultBranch = 'trunk'),
      'ref_not_accepted',
    ],
    ['T was archived', (world) => (world.target.facts.archived = true), 'target_unavailable'],
    ['another repository has the name of T', (world) => (world.target.facts.id = '6'), 'target_moved'],
    ['the operator has paused it', (world) => (world.pause = { id: 'p', reason: 'why', createdAt: '', updatedAt: '' }), 'operator_paused'],
    ['the operator allows T no more', (world) => (world.policy.targetRepositories = new Set(['acme/x'])), 'target_repo_not_allowed'],
    ['S has changed its own file', (world) => (world.out = ''), undefined],
  ])('%s', async (_, change, reason) => {
    expect(await again(change)).toBe(reason);
  });
});

describe('defects of the predecessor; the sixth is rows 24 to 27', () => {
  it('4: the ref of a target reaches the call', async () => {
    const world = new World();
    world.out = outbound(`${TO_T}, ref: release`);
    world.in = inbound(FROM_S, 'workflow: cd.yml, refs: [release]');
    expect((await allowed(world)).ref).toBe('release');
  });

  it('5: the ref of the source is not that of the target', async () => {
    const world = new World();
    world.target.facts.defaultBranch = 'master';
    expect((await allowed(world)).ref).toBe('master');
  });

  it('8: what is denied has a reason, at the source as at the target', async () => {
    const world = new World();
    world.run.conclusion = 'failure';
    expect(await world.decide()).toMatchObject({
      skip: { reason: 'source_conclusion_not_allowed', detail: expect.stringContaining('`failure`') },
      targets: [],
    });
  });

  it('9: a circle over another repository ends', async () => {
    const world = new World();
    const first = await allowed(world);
    world.chain = { kind: 'link', chain: first.chain };
    world.run = {
      ...world.run,
      repository: { ...world.run.repository, id: TARGET_ID, name: 'my-target-repo' },
      path: '.github/workflows/cd.yml',
    };
    world.run.headRepository = { id: TARGET_ID, fullName: 'acme/my-target-repo' };
    world.in = outbound('repository: my-source-repo, workflow: ci.yml', 'workflow: cd.yml');
    expect(tell(await world.decide())).toBe('cycle_detected');
  });

  it('10: denied targets are told though nothing was allowed', async () => {
    const world = new World();
    world.in = '';
    expect(await targetsOf(world)).toHaveLength(1);
  });
});

describe('row 21', () => {
  it('is told by the webhook: another event is no run, and any action is handed on', () => {
    expect(readWorkflowRun('{"action":"completed","check_run":{"id":1}}', 'github.com')).toBeUndefined();
    expect(readWorkflowRun(payload({ action: 'requested' }), 'github.com')?.action).toBe('requested');
  });
});

describe('the inputs of one run', () => {
  it('take at most 256 KiB together', async () => {
    const world = new World();
    const names = Array.from({ length: 25 }, (_, at) => `i${at}`);
    const inputs = names.map((name) => `${name}: "{{ source.head_branch }}"`).join(', ');
    const branch = 'b'.repeat(900);
    world.run.headBranch = branch;
    world.run.repository = { ...world.run.repository, defaultBranch: branch };
    world.out = `outbound:\n  - source: { workflow: ci.yml }\n    targets:\n${Array.from({ length: 20 }, (_, at) => `      - { ${TO_T}, ref: r${at}, inputs: { ${inputs} } }\n`).join('')}`;
    world.in = inbound(
      FROM_S,
      `workflow: cd.yml, refs: [${Array.from({ length: 20 }, (_, at) => `r${at}`).join(', ')}], accept_inputs: [${names.join(', ')}]`,
    );
    const told = (await targetsOf(world)).map(({ outcome }) => (outcome.kind === 'allowed' ? 'allow' : outcome.denial.reason));
    expect(told).toEqual([...Array<string>(11).fill('allow'), ...Array<string>(9).fill('inputs_limit_exceeded')]);
  });
});

describe('a file with many patterns and many targets', () => {
  it('takes no longer than others: whoever writes it would keep everybody else waiting', async () => {
    const world = new World();
    const patterns = Array.from({ length: 100 }, () => `        - "${'*a'.repeat(127)}b"\n`).join('');
    const targets = '      - { workflow: cd.yml }\n'.repeat(100);
    world.in = `inbound:\n  - source:\n      repository: my-source-repo\n      workflow: ci.yml\n      branches:\n${patterns}    targets:\n${targets}`;
    world.run.headBranch = 'a'.repeat(244);
    world.out = outbound(TO_T, 'workflow: ci.yml, branches: ["**"]');
    expect(tell(await world.decide())).toBe('inbound_condition_not_met');
  });
});
