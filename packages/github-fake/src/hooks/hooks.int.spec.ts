import { workflowFileOf } from '@waybill/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { GithubFake } from '../github-fake.ts';
import { type Call, asApp, asInstallation } from '../testing/caller.ts';
import { type HookReceiver, receiver } from '../testing/hook-receiver.ts';

describe('webhooks', () => {
  let fake: GithubFake;
  let hooks: HookReceiver;
  let app: Call;

  beforeAll(async () => {
    hooks = await receiver();
    fake = await GithubFake.start();
    fake.repository('acme/web', { workflows: { 'ci.yml': {}, 'cd.yml': { runsForMs: 10, conclusion: 'failure' } } });
    app = asApp(fake);
  });

  beforeEach(() => {
    fake.hookUrl = hooks.url;
    fake.hooks.fault = undefined;
    hooks.status = 202;
    hooks.received.length = 0;
  });

  afterAll(async () => {
    await fake.close();
    await hooks.close();
  });

  const finish = async (guid?: string): Promise<{ runId: string; guid: string }> => {
    const finished = fake.finishRun('acme/web', { workflow: 'ci.yml', guid });
    await fake.settled();
    return finished;
  };

  it('tells of a run as it was asked to, signed', async () => {
    const options = {
      workflow: '.github/workflows/ci.yml@refs/heads/main',
      conclusion: null,
      event: 'workflow_run',
      headBranch: null,
      headRepository: 'fork',
      attempt: 2,
      runId: '9007199254740993',
      withInstallation: false,
    } as const;
    const { guid } = fake.finishRun('acme/web', options);
    await fake.settled();
    const [received] = hooks.received;
    expect(received?.guid).toBe(guid);
    expect(received?.signature).toBe(fake.sign(received?.body ?? ''));
    expect(received?.body).toContain('"id":9007199254740993,');
    const { workflow_run: run, installation, action } = JSON.parse(received?.body ?? '');
    expect([action, installation]).toStrictEqual(['completed', undefined]);
    expect(run).toMatchObject({
      conclusion: null,
      event: 'workflow_run',
      head_branch: null,
      run_attempt: 2,
      head_repository: { fork: true },
    });
    expect(workflowFileOf(run.path)).toBe('ci.yml');
    expect(JSON.parse(fake.webhookBody('acme/web', { workflow: 'ci.yml', headRepository: null })).workflow_run.head_repository).toBeNull();
  });

  it('keeps the identity of a run that is run again', async () => {
    const { runId } = await finish();
    fake.finishRun('acme/web', { workflow: 'ci.yml', runId, attempt: 2 });
    await fake.settled();
    const [first, second] = hooks.received.map(({ body }) => JSON.parse(body).workflow_run);
    expect([second.id, second.run_number, second.head_sha, second.run_attempt]).toStrictEqual([
      first.id,
      first.run_number,
      first.head_sha,
      2,
    ]);
  });

  it('tells of every step of a run that was dispatched, with the bot as actor', async () => {
    const call = await asInstallation(fake, 'acme');
    await call('POST /repos/acme/web/actions/workflows/cd.yml/dispatches', { ref: 'main' });
    await fake.settled();
    const told = hooks.received.map(({ body }) => JSON.parse(body));
    const steps = told.map(({ action, workflow_run: run }) => `${action} ${run.status} ${run.conclusion} ${run.triggering_actor.login}`);
    // Each goes out by itself; they may overtake each other.
    expect(steps.toSorted()).toStrictEqual([
      'completed completed failure waybill[bot]',
      'in_progress in_progress null waybill[bot]',
      'requested queued null waybill[bot]',
    ]);
  });

  it('never tries again by itself, and sends again under the same guid when asked', async () => {
    hooks.status = 503;
    const { guid } = await finish();
    expect(hooks.received).toHaveLength(1);
    const text = (await app('GET /app/hook/deliveries?status=failure&per_page=1')).text;
    const [, id = ''] = /"id":(\d+)/u.exec(text) ?? [];
    expect(BigInt(id)).toBeGreaterThan(2n ** 53n);
    hooks.status = 202;
    expect((await app(`POST /app/hook/deliveries/${id}/attempts`)).status).toBe(202);
    await vi.waitFor(() => expect(hooks.received).toHaveLength(2), 30_000);
    await fake.settled();
    expect(new Set(hooks.received.map((one) => one.guid))).toStrictEqual(new Set([guid]));
    expect(hooks.received[0]?.body).toBe(hooks.received[1]?.body);
    const mine = fake.deliveries.filter((delivery) => delivery.guid === guid);
    expect(mine.map(({ statusCode, redelivery }) => [statusCode, redelivery])).toStrictEqual([
      [503, false],
      [202, true],
    ]);
    expect((await app('POST /app/hook/deliveries/1/attempts')).status).toBe(404);
  });

  it('pages through the deliveries, newest first', async () => {
    await finish();
    await finish();
    const ids = [];
    let next: string | undefined = '/app/hook/deliveries?per_page=2';
    while (next !== undefined) {
      const said = await app(`GET ${next}`);
      ids.push(...[...said.text.matchAll(/"id":(\d+)/gu)].map(([, id]) => id));
      next = /<([^>]+)>; rel="next"/u.exec(said.headers.get('link') ?? '')?.[1];
    }
    expect(ids).toStrictEqual(fake.deliveries.map(({ id }) => id).toReversed());
  });

  it('loses, doubles, holds back and cannot reach', async () => {
    fake.hooks.fault = 'lost';
    await finish('lost-1');
    fake.hooks.fault = 'duplicate';
    await finish('twice-1');
    fake.hooks.fault = 'reordered';
    fake.finishRun('acme/web', { workflow: 'ci.yml', guid: 'first' });
    fake.finishRun('acme/web', { workflow: 'ci.yml', guid: 'second' });
    await fake.settled();
    expect(hooks.received.map(({ guid }) => guid)).toStrictEqual(['twice-1', 'twice-1', 'second', 'first']);
    fake.hooks.fault = undefined;
    fake.hookUrl = undefined;
    await finish('away-1');
    const codes = new Map(fake.deliveries.map(({ guid, statusCode }) => [guid, statusCode]));
    expect([codes.get('lost-1'), codes.get('twice-1'), codes.get('away-1')]).toStrictEqual([0, 202, 502]);
  });

  it('lets the App move its webhook', async () => {
    await app('PATCH /app/hook/config', { url: 'http://127.0.0.1:9/webhooks/github' });
    expect(fake.hookUrl).toBe('http://127.0.0.1:9/webhooks/github');
    expect((await app('GET /app/hook/config')).json.url).toBe(fake.hookUrl);
  });
});
