import { createAppAuth } from '@octokit/auth-app';
import { request as octokitRequest } from '@octokit/request';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { receiver, type HookReceiver } from './testing/hook-receiver.ts';
import { GithubFake } from './github-fake.ts';

describe('the fake as Octokit sees it', () => {
  let fake: GithubFake;
  let hooks: HookReceiver;
  let request: typeof octokitRequest;
  let headers: Record<string, string>;

  beforeAll(async () => {
    hooks = await receiver();
    fake = await GithubFake.start();
    fake.hookUrl = hooks.url;
    const { installationId } = fake.owner('acme');
    fake.repository('acme/web', { files: { 'dispatching.yml': 'version: 1\n' }, workflows: { 'ci.yml': {}, 'cd.yml': { runsForMs: 10 } } });
    request = octokitRequest.defaults({ baseUrl: fake.url });
    const auth = createAppAuth({ appId: fake.app.id, privateKey: fake.app.privateKey, request });
    const { token } = await auth({ type: 'installation', installationId: Number(installationId) });
    headers = { authorization: `token ${token}`, 'x-github-api-version': '2026-03-10' };
  });

  afterAll(async () => {
    await fake.close();
    await hooks.close();
  });

  it('starts a run, tells the webhook of its life and writes the ledger', async () => {
    const dispatch = 'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches';
    const answer = await request(dispatch, { headers, owner: 'acme', repo: 'web', workflow_id: 'cd.yml', ref: 'main' });
    expect(answer.status).toBe(200);
    expect(fake.ledger.dispatches).toMatchObject([{ owner: 'acme', repo: 'web', workflow: 'cd.yml', ref: 'main', inputs: {} }]);
    await vi.waitFor(() => expect(hooks.actions()).toStrictEqual(['requested', 'in_progress', 'completed']), 30_000);
    expect(hooks.received.every(({ body, signature }) => fake.sign(body) === signature)).toBe(true);
  });

  it('gives a file with an ETag, and 304 to that ETag', async () => {
    const url = `${fake.url}/repos/acme/web/contents/dispatching.yml`;
    const first = await fetch(url, { headers });
    const second = await fetch(url, { headers: { ...headers, 'if-none-match': first.headers.get('etag') ?? '' } });
    expect([first.status, second.status]).toStrictEqual([200, 304]);
    expect(second.headers.get('x-ratelimit-remaining')).toBe(first.headers.get('x-ratelimit-remaining'));
  });
});
