import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { GithubFake } from '../github-fake.ts';
import { type Call, asInstallation } from '../testing/caller.ts';

const OLD = { 'x-github-api-version': '2022-11-28' };

describe('starting workflows', () => {
  let fake: GithubFake;
  let enterprise: GithubFake;
  let call: Call;
  let onEnterprise: Call;

  beforeAll(async () => {
    fake = await GithubFake.start();
    enterprise = await GithubFake.start({ profile: 'ghes-3.19', app: { privateKey: fake.app.privateKey } });
    const workflows = {
      'cd.yml': { runsForMs: 10 },
      'in.yml': {
        inputs: { env: { required: true }, note: {}, ...Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`k${index}`, {}])) },
      },
      'push.yml': { dispatchable: false },
      'off.yml': { enabled: false },
      'blocked.yml': { blocked: true },
    };
    for (const one of [fake, enterprise]) {
      one.repository('acme/web', { workflows, tags: ['v1'], branches: ['release'] });
      one.repository('acme/attic', { archived: true, workflows });
    }
    call = await asInstallation(fake, 'acme');
    onEnterprise = await asInstallation(enterprise, 'acme');
  });

  afterAll(async () => {
    await fake.close();
    await enterprise.close();
  });

  const path = (workflow: string, repo = 'web'): string => `POST /repos/acme/${repo}/actions/workflows/${workflow}/dispatches`;

  it('names the run by 2026-03-10, on request before, and never on Enterprise Server 3.19', async () => {
    const newest = await call(path('cd.yml'), { ref: 'main' });
    const { runId } = fake.ledger.dispatches.at(-1) ?? { runId: '' };
    expect(newest.status).toBe(200);
    expect(newest.json).toStrictEqual({
      workflow_run_id: Number(runId),
      run_url: `${fake.url}/repos/acme/web/actions/runs/${runId}`,
      html_url: `https://github.com/acme/web/actions/runs/${runId}`,
    });
    expect((await call(path('cd.yml'), { ref: 'main' }, OLD)).status).toBe(204);
    expect((await call(path('cd.yml'), { ref: 'main', return_run_details: true }, OLD)).status).toBe(200);
    expect((await onEnterprise(path('cd.yml'), { ref: 'main' })).status).toBe(204);
    const refused = await onEnterprise(path('cd.yml'), { ref: 'main', return_run_details: true });
    expect([refused.status, refused.json.message]).toStrictEqual([
      422,
      expect.stringContaining('"return_run_details" is not a permitted key'),
    ]);
    expect((await call(path('cd.yml'), { ref: 'main', return_run_details: true })).status).toBe(422);
    expect(enterprise.ledger.dispatches).toHaveLength(1);
  });

  it.each([
    ['none.yml', { ref: 'main' }, 404, 'Not Found'],
    ['cd.yml', { ref: 'nowhere' }, 422, 'No ref found for: nowhere'],
    ['cd.yml', {}, 422, '"ref" wasn\'t supplied'],
    ['push.yml', { ref: 'main' }, 422, "Workflow does not have 'workflow_dispatch' trigger"],
    ['off.yml', { ref: 'main' }, 422, 'disabled workflow'],
    ['blocked.yml', { ref: 'main' }, 403, 'blocked by policy'],
    ['cd.yml', { ref: 'main', inputs: { env: 'x' } }, 422, 'Unexpected inputs provided: ["env"]'],
    ['in.yml', { ref: 'main', inputs: { note: 'x' } }, 422, "Required input 'env' not provided"],
    ['in.yml', { ref: 'main', inputs: inputs(26) }, 422, 'No more than 25 properties are allowed'],
  ])('refuses %s with %j', async (workflow, body, status, message) => {
    const before = fake.ledger.dispatches.length;
    const said = await call(path(workflow), body);
    expect([said.status, said.json.message]).toStrictEqual([status, expect.stringContaining(message)]);
    expect(fake.ledger.dispatches).toHaveLength(before);
  });

  it('takes 25 inputs, 10 on Enterprise Server, tags and branches, and nothing in an archive', async () => {
    expect((await call(path('in.yml'), { ref: 'v1', inputs: inputs(25) })).status).toBe(200);
    expect((await onEnterprise(path('in.yml'), { ref: 'release', inputs: inputs(11) })).status).toBe(422);
    expect((await onEnterprise(path('in.yml'), { ref: 'refs/heads/release', inputs: inputs(10) })).status).toBe(204);
    expect((await call(path('cd.yml', 'attic'), { ref: 'main' })).status).toBe(403);
  });

  it('lets a run live, and lists it', async () => {
    await fake.settled();
    const since = new Date().toISOString();
    const { json } = await call(path('cd.yml'), { ref: 'release' });
    const run = async () => (await call(`GET /repos/acme/web/actions/runs/${json.workflow_run_id}`)).json;
    expect((await run()).event).toBe('workflow_dispatch');
    await vi.waitFor(async () => expect(await run()).toMatchObject({ status: 'completed', conclusion: 'success' }), 30_000);
    const list = async (query: string): Promise<number[]> => {
      const said = await call(`GET /repos/acme/web/actions/workflows/cd.yml/runs?${query}`);
      return said.json.workflow_runs.map(({ id }: { id: number }) => id);
    };
    const mine = `event=workflow_dispatch&branch=release&actor=waybill[bot]&created=>=${since}`;
    expect(await list(mine)).toStrictEqual([json.workflow_run_id]);
    expect(await list(`${mine}&per_page=1&page=2`)).toStrictEqual([]);
    expect(await list('event=push')).toStrictEqual([]);
    expect(await list('actor=somebody')).toStrictEqual([]);
    expect(await list('created=<2020-01-01')).toStrictEqual([]);
  });

  it('keeps issues and check runs, and answers 410 where there are no issues', async () => {
    fake.repository('acme/quiet', { issues: false });
    expect((await call('POST /repos/acme/quiet/issues', { title: 'x' })).status).toBe(410);
    const sha = 'b'.repeat(40);
    const first = await call('POST /repos/acme/web/check-runs', {
      name: 'Waybill',
      head_sha: sha,
      external_id: 'p1',
      status: 'in_progress',
    });
    await call(`PATCH /repos/acme/web/check-runs/${first.json.id}`, { conclusion: 'neutral' });
    const listed = await call(`GET /repos/acme/web/commits/${sha}/check-runs`);
    expect(listed.json).toMatchObject({ total_count: 1, check_runs: [{ external_id: 'p1', status: 'completed', conclusion: 'neutral' }] });
    await call('POST /repos/acme/web/issues', { title: 'one', body: 'first' });
    await call('PATCH /repos/acme/web/issues/1', { state: 'closed' });
    await call('POST /repos/acme/web/issues', { title: 'two' });
    expect((await call('GET /repos/acme/web/issues')).json).toMatchObject([{ number: 2, state: 'open' }]);
    expect((await call('GET /repos/acme/web/issues?state=all&per_page=1')).headers.get('link')).toContain('rel="next"');
    expect(fake.ledger.issues).toHaveLength(2);
  });
});

function inputs(count: number): Record<string, string> {
  return Object.fromEntries([['env', 'x'], ...Array.from({ length: count - 1 }, (_, index) => [`k${index}`, 'x'])]);
}
