import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cli, runCli } from './stack.fixture.ts';

const OUTBOUND = 'outbound:\n  - source: { workflow: ci.yml }\n    targets: [{ repository: deploy, workflow: cd.yml }]\n';
const INBOUND = 'inbound:\n  - source: { repository: web, workflow: ci.yml }\n    targets: [{ workflow: cd.yml }]\n';
const RUN = {
  host: 'github.com',
  repository: { id: '1', owner: 'acme', ownerId: '2', name: 'web', defaultBranch: 'main', private: true, archived: false },
  id: '9100000000000000123',
  number: 7,
  attempt: 1,
  workflowId: '3',
  path: '.github/workflows/ci.yml',
  conclusion: 'success',
  event: 'push',
  headBranch: 'main',
  headSha: 'c'.repeat(40),
  headRepository: { id: '1', fullName: 'acme/web' },
  actor: null,
  triggeringActor: null,
  url: 'https://github.com/acme/web/actions/runs/9100000000000000123',
  createdAt: '2026-11-21T10:00:00Z',
  startedAt: null,
  updatedAt: '2026-11-21T10:01:00Z',
};
const FILES = {
  'web.yml': OUTBOUND,
  'deploy.yml': INBOUND,
  'empty.yml': '',
  'bad.yml': OUTBOUND.replace('targets', 'taregts'),
  'run.json': JSON.stringify(RUN),
  'failed.json': JSON.stringify({ ...RUN, conclusion: 'failure' }),
  'other.json': '{"action":"completed"}',
};

describe('a dispatching.yml, with no GitHub and no stack,', () => {
  let folder: string;
  const github = (...args: string[]): Promise<Cli> => runCli(['github', ...args.map((arg) => arg.replace('DIR', folder))], process.env);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'waybill-e2e-'));
    for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ['web.yml', 0, /ci\.yml ends with success on the default branch\n {2}→ deploy cd\.yml/],
    ['deploy.yml', 0, /lets ci\.yml of web .* start\n {2}← cd\.yml on the default ref, inputs: none/],
    ['empty.yml', 0, /no rules/],
    ['bad.yml', 1, /line 3.*taregts[^]*problem/],
  ])('is looked through: %s', async (name, code, said) => {
    const told = await github('lint', `DIR/${name}`);
    expect([told.code, told.stderr]).toEqual([code, '']);
    expect(told.stdout).toMatch(said);
  });

  it('that is not there is said so', async () => {
    const told = await github('lint', 'DIR/nowhere.yml');
    expect([told.code, told.stdout]).toEqual([1, '']);
    expect(told.stderr).toMatch(/nowhere\.yml/);
  });

  const both = ['--repository', 'acme/web=DIR/web.yml', '--repository', 'acme/deploy@trunk=DIR/deploy.yml'];
  it.each([
    ['a run that starts something', ['DIR/run.json', ...both], /→ acme\/deploy cd\.yml on trunk .*\n {6}allowed/],
    ['one that failed', ['DIR/failed.json', ...both], /nothing is dispatched: source_conclusion_not_allowed/],
    ['a target that is not known', ['DIR/run.json', ...both.slice(0, 2)], /denied {2}target_not_installed/],
    [
      'a target that does not consent',
      ['DIR/run.json', ...both.slice(0, 2), '--repository', 'acme/deploy=DIR/empty.yml'],
      /denied {2}(inbound_not_authorized|target_config_missing)/,
    ],
    [
      'a broken target',
      ['DIR/run.json', ...both.slice(0, 2), '--repository', 'acme/deploy=DIR/bad.yml'],
      /denied {2}target_config_invalid/,
    ],
  ])('explains %s', async (_, args, said) => {
    const told = await github('explain', ...args);
    expect([told.code, told.stderr]).toEqual([0, '']);
    expect(told.stdout).toMatch(said);
  });

  it.each([
    [['DIR/other.json', ...both], /is no finished run: give the body of a workflow_run webhook/],
    [['DIR/run.json', '--repository', 'web=DIR/web.yml'], /use owner\/name=path/],
    [['DIR/run.json', '--repository', 'acme/web=DIR/nowhere.yml'], /there is no .*nowhere\.yml/],
    [['DIR/run.json'], /--repository/],
  ])('explains nothing for %j, and says why', async (args, said) => {
    const told = await github('explain', ...args);
    expect([told.code, told.stdout]).toEqual([1, '']);
    expect(told.stderr).toMatch(said);
  });
});
