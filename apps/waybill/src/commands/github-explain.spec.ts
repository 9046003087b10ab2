import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { addGithubExplain } from './github-explain.ts';
import { addGithubLint } from './github-lint.ts';

const folder = mkdtempSync(join(tmpdir(), 'waybill-explain-'));
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const source = file(
  'source.yml',
  'outbound: [{ source: { workflow: ci.yml }, targets: [{ repository: deploy, workflow: cd.yml }, { repository: other, workflow: cd.yml }] }]',
);
const target = file('target.yml', 'inbound: [{ source: { repository: web, workflow: ci.yml }, targets: [{ workflow: cd.yml }] }]');
const person = { id: '501', login: 'developer', type: 'User' };
const run = {
  host: 'github.com',
  installationId: '7',
  repository: { id: '3', owner: 'acme', ownerId: '1', name: 'web', defaultBranch: 'main', private: true, archived: false },
  id: '9',
  number: 1,
  attempt: 1,
  workflowId: '4',
  path: '.github/workflows/ci.yml',
  conclusion: 'success',
  event: 'push',
  headBranch: 'main',
  headSha: 'de7583d1736df169c4857afef08f641dde170a46',
  headRepository: { id: '3', fullName: 'acme/web' },
  actor: person,
  triggeringActor: person,
  url: 'https://github.com/acme/web/actions/runs/9',
  createdAt: '2026-11-21T10:00:00Z',
  startedAt: '2026-11-21T10:00:00Z',
  updatedAt: '2026-11-21T10:01:00Z',
};

/** Runs a subcommand of `waybill github`; returns what it printed. */
async function github(...words: string[]): Promise<string> {
  let printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
  const program = new Command('github').exitOverride();
  addGithubExplain(program);
  addGithubLint(program);
  await program.parseAsync(words, { from: 'user' });
  return printed;
}

it('explains an event as the API tells it, and says which repositories it was not given', async () => {
  const event = file('event.json', JSON.stringify({ id: 'evt_1', data: run }));
  const told = await github('explain', event, '--repository', `acme/web=${source}`, `acme/deploy=${target}`);
  expect(told).toContain('→ acme/deploy cd.yml on main   (outbound[0])\n      allowed');
  expect(told).toContain('denied  target_not_installed');
  expect(told).toMatch(/no --repository is given for acme\/other, so it counts as one without the App\n$/);
});

it.each([
  ['nowhere.json', /there is no file nowhere\.json; name one, or - for stdin/],
  [folder, /is a folder; name the file in it/],
  [file('broken.json', '{'), /broken\.json is not JSON$/],
  [file('empty.json', '{}'), /is no finished run: give the body of a workflow_run webhook/],
])('says what to do about %s', async (path, message) => {
  await expect(github('explain', path, '--repository', `acme/web=${source}`)).rejects.toThrow(message);
});

it('says in lint too that there is no such file', async () => {
  await expect(github('lint', 'nowhere.yml')).rejects.toThrow('there is no file nowhere.yml');
});
