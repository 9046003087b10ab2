import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { githubConfigOf } from '../config/github-environment.ts';
import type { GithubApp } from '../github-app.ts';
import { openGithubApp } from '../open-github-app.ts';

const target = {
  key: 'k',
  host: 'github.com',
  installationId: '9007199254740993',
  repositoryId: '9007199254740995',
  owner: 'acme',
  repo: 'web',
  workflow: 'cd.yml',
  ref: 'main',
  inputs: {},
  rule: 'r',
  chain: { id: 'c', depth: 1, ancestors: [] },
};

describe('what stands between here and GitHub', () => {
  let answer: { status: number; type: string; body: string };
  let app: GithubApp;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      asked.push(`${request.url} ${body}`);
      const isMint = request.url?.endsWith('/access_tokens') === true;
      const told = isMint
        ? { status: 201, type: 'application/json', body: '{"token":"ghs_x","expires_at":"2099-01-01T00:00:00Z"}' }
        : answer;
      response.writeHead(told.status, { 'content-type': told.type }).end(told.body);
    });
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const config = githubConfigOf({
      GITHUB_APP_ID: '1',
      GITHUB_APP_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      GITHUB_WEBHOOK_SECRET: 's',
      ALLOWED_OWNERS: 'acme',
      GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
    if (config === undefined) throw new Error('off');
    app = openGithubApp({ config });
  });
  afterAll(async () => {
    await app.close();
    server.close();
  });

  it.each([
    [200, 'text/html', '<h1>Sign in</h1>'],
    [403, 'text/html', '<h1>Forbidden</h1>'],
    [404, 'text/plain', 'no route'],
    [404, 'application/json', '{"error":"no route"}'],
    [200, 'application/json', '{"workflow_run_id":'],
  ])('does not speak for GitHub: %i %s %s', async (status, type, body) => {
    answer = { status, type, body };
    expect(await app.dispatch(target, new AbortController().signal)).toMatchObject({ kind: 'unknown', httpStatus: status });
    await expect(app.runsOf(target, 0)).rejects.toMatchObject({ code: 'WB_GITHUB_AWAY' });
    await expect(app.repository('acme', 'web')).rejects.toMatchObject({ code: 'WB_GITHUB_AWAY' });
  });

  it('is not repeated where it quotes the token', async () => {
    answer = { status: 422, type: 'application/json', body: '{"message":"Required input of ghs_x"}' };
    expect(await app.dispatch(target, new AbortController().signal)).toMatchObject({ detail: 'Required input of [cut]' });
    await expect(app.runsOf(target, 0)).rejects.toThrow('GitHub answers 422: Required input of [cut]');
  });

  it('is told ids that no number holds as they are', async () => {
    answer = { status: 200, type: 'application/json', body: '{"workflow_run_id":9007199254740997,"html_url":"https://x"}' };
    expect(await app.dispatch(target, new AbortController().signal)).toMatchObject({ kind: 'started', runId: '9007199254740997' });
    expect(asked).toContainEqual(
      '/app/installations/9007199254740993/access_tokens {"permissions":{"actions":"write"},"repository_ids":[9007199254740995]}',
    );
  });
});
