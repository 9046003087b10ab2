import type { GithubFake } from '@waybill/github-fake';
import { eventually } from '@waybill/testkit';
import { type Bus, connectBus } from '@waybill/transport';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { githubEnv, hookHeaders, REPOSITORY, startGithub, storedRuns } from './testing/github-world.ts';
import { type IngressUnderTest, type Reply, startUnderTest } from './testing/ingress-under-test.ts';

let github: GithubFake;
let ingress: IngressUnderTest;
let bus: Bus;
const hook = (body: string, headers = hookHeaders(github, body)): Promise<Reply> => ingress.call('POST', '/webhooks/github', body, headers);
const aRun = (runId?: string): string => github.webhookBody(REPOSITORY, { workflow: 'ci.yml', runId });
const shown = async (): Promise<Reply['body']> => (await ingress.call('GET', '/admin/github')).body;

beforeAll(async () => {
  github = await startGithub();
  ingress = await startUnderTest({ ...githubEnv(github), GITHUB_SWEEP_SECONDS: '3600' });
  bus = await connectBus({ servers: ingress.nats.url, name: 'spec' });
  github.hookUrl = `${ingress.url}/webhooks/github`;
});
afterAll(async () => {
  await bus.close();
  await ingress.cleanup();
  await github.close();
});

describe('a finished run', () => {
  it('comes in as one fact with the fields of the run, and nothing besides', async () => {
    const { runId } = github.finishRun(REPOSITORY, { workflow: 'ci.yml', conclusion: 'failure' });
    await github.settled();
    expect(github.deliveries.at(-1)).toMatchObject({ statusCode: 202 });
    const stored = (await storedRuns(bus)).find(({ run }) => run.id === runId);
    expect(stored).toMatchObject({
      subject: 'wb.test.g.run.completed',
      head: { eventType: 'github.workflow_run.completed', source: 'github', tenantId: 'gh-acme', region: 'test' },
      run: { host: 'github.test', path: '.github/workflows/ci.yml', conclusion: 'failure', repository: { owner: 'acme' } },
    });
    expect(stored?.head.correlationId).toBe(stored?.head.eventId);
    expect(JSON.stringify(stored?.head.data)).not.toMatch(/display_title|head_commit|message/);
  });

  it('keeps ids beyond 2^53 digit by digit', async () => {
    const body = aRun().replace(/"workflow_run":\{"id":\d+/, '"workflow_run":{"id":9100000000000000123');
    expect(body).toContain('9100000000000000123');
    expect((await hook(body)).status).toBe(202);
    expect((await storedRuns(bus)).map(({ run }) => run.id)).toContain('9100000000000000123');
  });

  it('is taken whoever its owner is: the planner says why it leads to nothing', async () => {
    github.owner('strangers');
    github.repository('strangers/theirs', { workflows: { 'ci.yml': {} } });
    expect((await hook(github.webhookBody('strangers/theirs', { workflow: 'ci.yml' }))).body).toMatchObject({ duplicate: false });
  });

  it('may be larger than other bodies, up to 25 MB', async () => {
    const padded = (bytes: number): string => aRun().replace(/^\{/, `{"padding":"${'x'.repeat(bytes)}",`);
    expect((await hook(padded(4_000_000))).status).toBe(202);
    expect((await hook(padded(26 * 1_048_576))).body).toMatchObject({ code: 'WB_BODY_TOO_LARGE' });
    expect((await ingress.call('POST', '/webhooks/demo-github', padded(4_000_000))).body).toMatchObject({ code: 'WB_BODY_TOO_LARGE' });
  });

  it('that is delivered again is the same event, also when more is read of it by then', async () => {
    const body = aRun();
    const headers = hookHeaders(github, body);
    const first = await hook(body, headers);
    expect(first.body).toMatchObject({ duplicate: false });
    expect((await hook(body, headers)).body).toEqual({ ...first.body, duplicate: true });
    const other = aRun();
    const again = await hook(other, { ...headers, 'x-hub-signature-256': github.sign(other) });
    expect([again.status, again.body]).toEqual([202, { ...first.body, duplicate: true }]);
    await ingress.restart();
    github.hookUrl = `${ingress.url}/webhooks/github`;
    expect((await hook(body, headers)).body).toEqual({ ...first.body, duplicate: true });
  });

  it('is known by its redelivery from GitHub itself', async () => {
    const before = (await storedRuns(bus)).length;
    github.hooks.fault = 'duplicate';
    github.finishRun(REPOSITORY, { workflow: 'ci.yml' });
    await github.settled();
    github.hooks.fault = undefined;
    expect(github.deliveries.slice(-2).map(({ statusCode }) => statusCode)).toEqual([202, 202]);
    expect((await storedRuns(bus)).length).toBe(before + 1);
  });
});

describe('signatures', () => {
  it('a forged delivery takes no id away', async () => {
    const body = aRun();
    const headers = hookHeaders(github, body);
    const before = (await storedRuns(bus)).length;
    const forged = { ...headers, 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` };
    expect((await hook(body, forged)).body).toMatchObject({ status: 401, code: 'WB_SIGNATURE_INVALID' });
    expect((await hook(`${body} `, headers)).body).toMatchObject({ status: 401, code: 'WB_SIGNATURE_INVALID' });
    const { 'x-hub-signature-256': _left, ...unsigned } = headers;
    expect((await hook(body, unsigned)).body).toMatchObject({ status: 401, code: 'WB_SIGNATURE_MISSING' });
    expect((await storedRuns(bus)).length).toBe(before);
    expect((await hook(body, headers)).body).toMatchObject({ duplicate: false });
  });

  it('the older of two secrets verifies too; one that is not configured does not', async () => {
    const body = aRun();
    const newest = github.hooks.secret;
    github.hooks.secret = 'an-older-webhook-secret';
    expect((await hook(body)).status).toBe(202);
    github.hooks.secret = 'somebody-else';
    expect((await hook(body)).status).toBe(401);
    github.hooks.secret = newest;
    expect((await hook(body)).status).toBe(202);
  });

  it('is asked for before anything of the body is looked at', async () => {
    const headers = { 'x-github-event': 'workflow_run', 'x-github-delivery': 'a', 'x-hub-signature-256': 'sha256=00' };
    expect((await hook('no json at all', headers)).status).toBe(401);
    expect((await hook('no json at all')).body).toMatchObject({ status: 400, code: 'WB_MALFORMED_JSON' });
  });
});

describe('everything else', () => {
  it('is counted and ignored', async () => {
    const before = (await storedRuns(bus)).length;
    for (const [event, body] of [
      ['ping', { zen: 'Design for failure.' }],
      ['push', { ref: 'refs/heads/main' }],
      ['installation', { action: 'created' }],
      ['workflow_run', { action: 'requested' }],
      ['workflow_run', { action: 'requested' }],
    ] as const) {
      const text = JSON.stringify(body);
      const reply = await hook(text, hookHeaders(github, text, { 'x-github-event': event }));
      expect([reply.status, reply.body]).toEqual([202, { ignored: true, reason: 'ignored_event' }]);
    }
    expect((await storedRuns(bus)).length).toBe(before);
    expect(await shown()).toMatchObject({
      webhooks: {
        ignored: expect.arrayContaining([
          { event: 'push', count: 1 },
          { event: 'workflow_run', action: 'requested', count: 2 },
        ]),
      },
    });
  });

  it('that lacks what it must have is refused, and nothing is stored', async () => {
    const text = JSON.stringify({ action: 'completed', workflow_run: { id: 1 } });
    expect((await hook(text)).body).toMatchObject({ status: 422, code: 'WB_SCHEMA_VIOLATION' });
    const { 'x-github-delivery': _guid, ...headers } = hookHeaders(github, aRun());
    expect((await hook(aRun(), headers)).body).toMatchObject({ status: 400, code: 'WB_BAD_REQUEST' });
    const form = { ...hookHeaders(github, 'payload=1'), 'content-type': 'application/x-www-form-urlencoded' };
    expect((await hook('payload=1', form)).body).toMatchObject({ status: 415, code: 'WB_MEDIA_TYPE' });
  });

  it('of the App shows what it is, and no secret', async () => {
    const { app, host } = await shown();
    expect({ app, host }).toEqual({ app: { id: github.app.id, slug: github.app.slug }, host: 'github.test' });
    expect(JSON.stringify(await shown())).not.toMatch(/webhook-secret|PRIVATE|ghs_/);
    expect((await ingress.call('GET', '/admin/github', undefined, { authorization: '' })).status).toBe(401);
  });
});

it('takes a thousand deliveries from one address at once', async () => {
  const before = (await storedRuns(bus)).length;
  const bodies = Array.from({ length: 1_000 }, () => aRun());
  const replies = await Promise.all(bodies.map((body) => hook(body)));
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([202]));
  expect((await storedRuns(bus)).length).toBe(before + 1_000);
});

it('a delivery that could not be stored is stored when it comes again, once', async () => {
  const body = aRun();
  const headers = hookHeaders(github, body);
  const before = (await storedRuns(bus)).length;
  await ingress.nats.kill();
  expect((await hook(body, headers)).body).toMatchObject({ status: 503, code: 'WB_NATS_AWAY' });
  await ingress.nats.restart();
  await eventually(async () => (await hook(body, headers)).status === 202);
  await vi.waitFor(async () => expect((await storedRuns(bus)).length).toBe(before + 1), { timeout: 30_000 });
  expect((await hook(body, headers)).body).toMatchObject({ duplicate: true });
});
