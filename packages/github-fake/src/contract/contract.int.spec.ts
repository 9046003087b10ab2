import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GithubFake } from '../github-fake.ts';
import { type Call, asApp, asInstallation } from '../testing/caller.ts';
import { type HookReceiver, receiver } from '../testing/hook-receiver.ts';
import { ContractCheck } from './contract-check.ts';

describe("every operation of the fake against GitHub's OpenAPI description", () => {
  const contract = new ContractCheck();
  let fake: GithubFake;
  let hooks: HookReceiver;
  let app: Call;
  let installation: Call;

  beforeAll(async () => {
    hooks = await receiver();
    fake = await GithubFake.start({ validate: contract.validate });
    fake.hookUrl = hooks.url;
    fake.repository('acme/web', {
      files: { 'dispatching.yml': 'version: 1\n', '.github/a.txt': 'a' },
      workflows: { 'ci.yml': {}, 'cd.yml': { runsForMs: 5, inputs: { env: {} } } },
    });
    app = asApp(fake);
    installation = await asInstallation(fake, 'acme', {
      repositories: ['web'],
      permissions: { actions: 'write', checks: 'write', contents: 'read', issues: 'write' },
    });
  });

  afterAll(async () => {
    await fake.close();
    await hooks.close();
  });

  it('answers, and is asked, as the description says', async () => {
    const { runId } = fake.finishRun('acme/web', { workflow: 'ci.yml' });
    await fake.settled();
    const { installationId } = fake.owner('acme');
    const delivery = fake.deliveries[0]?.id;
    const calls: readonly (readonly [Call, string, unknown?])[] = [
      [app, 'GET /app'],
      [app, 'GET /app/installations?per_page=10'],
      [app, `GET /app/installations/${installationId}`],
      [app, 'GET /repos/acme/web/installation'],
      [app, 'GET /app/hook/config'],
      [app, 'PATCH /app/hook/config', { url: hooks.url }],
      [app, 'GET /app/hook/deliveries?status=success&per_page=1'],
      [app, `GET /app/hook/deliveries/${delivery}`],
      [app, `POST /app/hook/deliveries/${delivery}/attempts`],
      [installation, 'GET /installation/repositories'],
      [installation, 'GET /repos/acme/web'],
      [installation, 'GET /repos/acme/web/contents/dispatching.yml'],
      [installation, 'GET /repos/acme/web/contents/.github'],
      [installation, 'GET /repos/acme/web/actions/workflows'],
      [installation, 'GET /repos/acme/web/actions/workflows/cd.yml'],
      [installation, 'POST /repos/acme/web/actions/workflows/cd.yml/dispatches', { ref: 'main', inputs: { env: 'prod' } }],
      [
        installation,
        'GET /repos/acme/web/actions/workflows/cd.yml/runs?event=workflow_dispatch&branch=main&created=>=2026-01-01T00:00:00Z&per_page=100',
      ],
      [installation, 'GET /repos/acme/web/actions/runs?status=completed&page=1'],
      [installation, `GET /repos/acme/web/actions/runs/${runId}`],
      [
        installation,
        'POST /repos/acme/web/check-runs',
        { name: 'Waybill', head_sha: 'a'.repeat(40), status: 'in_progress', external_id: 'x' },
      ],
      [installation, `GET /repos/acme/web/commits/${'a'.repeat(40)}/check-runs?check_name=Waybill&filter=all`],
      [installation, 'POST /repos/acme/web/issues', { title: 'A dispatch failed', body: 'why' }],
      [installation, 'GET /repos/acme/web/issues?state=open&creator=waybill[bot]'],
      [installation, 'GET /repos/acme/web/issues/1'],
      [installation, 'PATCH /repos/acme/web/issues/1', { state: 'closed' }],
      [installation, 'POST /repos/acme/web/issues/1/comments', { body: 'again' }],
      [installation, 'GET /repos/acme/web/issues/1/comments'],
      [installation, 'GET /rate_limit'],
      [app, 'GET /meta'],
    ];
    for (const [call, route, body] of calls) {
      const said = await call(route, body);
      expect(said.status, `${route} ${said.text}`).toBeLessThan(300);
    }
    const check = fake.ledger.checkRuns[0]?.id;
    const completed = { status: 'completed', conclusion: 'success', output: { title: 'All dispatched', summary: 'one' } };
    expect((await installation(`PATCH /repos/acme/web/check-runs/${check}`, completed)).status).toBe(200);
    expect((await installation(`GET /repos/acme/web/check-runs/${check}`)).json).toMatchObject({ conclusion: 'success' });
    expect(contract.problems).toStrictEqual([]);
    expect(contract.operations.filter((operation) => !contract.seen.has(operation))).toStrictEqual([]);
  });

  it('refuses as the description says', async () => {
    await installation('GET /repos/acme/none');
    await installation('POST /repos/acme/web/actions/workflows/cd.yml/dispatches', { ref: 'none' });
    await app('POST /app/installations/1/access_tokens');
    expect(contract.problems).toStrictEqual([]);
  });

  it('sends webhooks as the description says', () => {
    contract.webhook('workflow-run-completed', fake.webhookBody('acme/web', { workflow: 'ci.yml', conclusion: 'failure' }));
    expect(contract.problems).toStrictEqual([]);
  });

  it('starts workflows as Enterprise Server 3.19 says', async () => {
    const old = new ContractCheck('ghes-3.19');
    const server = await GithubFake.start({ profile: 'ghes-3.19', validate: old.validate, app: { privateKey: fake.app.privateKey } });
    server.repository('acme/web', { workflows: { 'cd.yml': { runsForMs: 0 } } });
    const call = await asInstallation(server, 'acme');
    await call('POST /repos/acme/web/actions/workflows/cd.yml/dispatches', { ref: 'main' });
    await server.close();
    expect([...old.seen, ...old.problems]).toStrictEqual(old.operations);
  });

  it('sees a wrong answer, a wrong request and a wrong webhook', () => {
    const strict = new ContractCheck();
    const exchange = { method: 'GET', pattern: '/app', query: {}, requestBody: undefined, status: 200, responseText: '{"id":"1"}' };
    strict.validate(exchange);
    strict.validate({ ...exchange, pattern: '/none' });
    strict.validate({ ...exchange, pattern: '/app/installations', query: { page: 'x', wrong: '1' }, responseText: '[]' });
    strict.webhook('workflow-run-completed', '{}');
    expect(strict.problems).toHaveLength(4);
  });
});
