import type { GithubFake } from '@waybill/github-fake';
import { eventually } from '@waybill/testkit';
import type { Bus } from '@waybill/transport';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FakeDispatcher, startFakeDispatcher } from './testing/fake-dispatcher.ts';
import { githubEnv, hookHeaders, REPOSITORY, startGithub, storedRuns, sweptFactsIn } from './testing/github-world.ts';
import type { Reply } from './testing/ingress-under-test.ts';
import { EU, startTwoRegions, type TwoRegions, US } from './testing/two-regions.ts';

const SLOW = { timeout: 40_000, interval: 100 };

let github: GithubFake;
let regions: TwoRegions;
let dispatchers: FakeDispatcher[];
let bus: Record<typeof US | typeof EU, Bus>;

beforeAll(async () => {
  github = await startGithub();
  regions = await startTwoRegions(githubEnv(github));
  bus = { [US]: await regions.bus(US, 'ingress'), [EU]: await regions.bus(EU, 'ingress') };
  dispatchers = await Promise.all([US, EU].map(async (id) => startFakeDispatcher(await regions.bus(id, 'dispatcher'), id)));
  await eventually(async () => JSON.stringify((await regions.us('GET', '/v1/regions')).body).match(/"state":"active"/g)?.length === 2);
});
afterAll(async () => {
  for (const dispatcher of dispatchers) dispatcher.stop();
  await regions.cleanup();
  await github.close();
});

const hook = (at: 'us' | 'eu', body: string, guid: string): Promise<Reply> =>
  regions[at]('POST', '/webhooks/github', body, hookHeaders(github, body, { 'x-github-delivery': guid }));
const aRun = (repository = REPOSITORY): string => github.webhookBody(repository, { workflow: 'ci.yml' });
const idsIn = async (region: typeof US | typeof EU): Promise<string[]> => (await storedRuns(bus[region], region)).map(({ run }) => run.id);
const sweeperAt = async (at: 'us' | 'eu'): Promise<unknown> => (await regions[at]('GET', '/admin/github')).body['sweeper'];

it('a webhook that is delivered again at another region is the same event', async () => {
  const [body, before] = [aRun(), (await idsIn(EU)).length];
  const first = await hook('us', body, 'known');
  expect(first.body).toMatchObject({ duplicate: false });
  const later = Array.from({ length: 300 }, (_, n) => `later-${n}`);
  for (const guid of later) await hook('us', body, guid);
  // Whoever asks too early stores it: each is asked for once, and the first that is known says that all before it are.
  let asked = 0;
  await eventually(async () => (await hook('eu', body, later[(asked += 1) - 1] ?? '')).body['duplicate'] === true);
  expect((await hook('eu', body, 'known')).body).toEqual({ ...first.body, duplicate: true });
  expect((await idsIn(EU)).length).toBe(before + asked - 1);
});

describe('the owner of a strict tenant', () => {
  it('is taken at home, where it stays, and nowhere else', async () => {
    github.owner('Safe-Inc');
    github.repository('Safe-Inc/vault', { workflows: { 'ci.yml': {} } });
    await regions.eu('PUT', '/v1/tenants/gh-safe-inc', { placement: { home: EU, residency: 'strict' } });
    await eventually(async () => (await regions.us('GET', '/v1/tenants/gh-safe-inc')).status === 421);
    const body = aRun('Safe-Inc/vault');
    const before = await regions.everythingIn(US, 'log');
    const abroad = await hook('us', body, 'strict');
    expect(abroad.body).toMatchObject({ status: 421, code: 'WB_MISDIRECTED', region: EU, url: `${regions.url(EU)}/webhooks/github` });
    expect((await regions.everythingIn(US, 'log')).filter((text) => text.includes('run.completed')).length).toBe(
      before.filter((text) => text.includes('run.completed')).length,
    );
    expect((await hook('eu', body, 'strict')).status).toBe(202);
    const kept = (await storedRuns(bus[EU], EU)).filter(({ head }) => head.tenantId === 'gh-safe-inc');
    expect(kept.map(({ subject }) => subject)).toEqual([`wb.${EU}.l.run.completed`]);
  });
});

describe('lost webhooks', () => {
  const lose = async (): Promise<string> => {
    github.hooks.fault = 'lost';
    const { runId } = github.finishRun(REPOSITORY, { workflow: 'ci.yml' });
    await github.settled();
    github.hooks.fault = undefined;
    return runId;
  };

  it('are looked for in one region; in the next one when it drains, from where the first one ended', async () => {
    github.hookUrl = `${regions.url(EU)}/webhooks/github`;
    await vi.waitFor(async () => expect(await sweeperAt('us')).toMatchObject({ state: 'sweeping' }), SLOW);
    await vi.waitFor(async () => expect(await sweeperAt('eu')).toMatchObject({ state: 'elsewhere' }), SLOW);
    const first = await lose();
    await vi.waitFor(async () => expect(await idsIn(EU)).toContain(first), SLOW);
    await vi.waitFor(async () => expect(JSON.stringify(await sweptFactsIn(bus[US], US))).toContain('deliveryId'), SLOW);
    await regions.us('POST', `/admin/regions/${US}/drain`, { reason: 'test' });
    await vi.waitFor(async () => expect(await sweeperAt('eu')).toMatchObject({ state: 'sweeping' }), SLOW);
    const second = await lose();
    await vi.waitFor(async () => expect(await idsIn(EU)).toContain(second), SLOW);
    await vi.waitFor(async () => expect((await sweptFactsIn(bus[EU], EU)).length).toBeGreaterThan(0), SLOW);
    const [fact] = await sweptFactsIn(bus[EU], EU);
    expect(Date.now() - Date.parse(fact?.from ?? '')).toBeLessThan(3_600_000);
  });
});

describe('pauses', () => {
  const freeze = { repository: 'acme/my-target-repo', workflow: 'cd.yml', reason: 'release freeze' };

  it('are made, shown, replaced and ended in any region', async () => {
    const created = await regions.us('PUT', '/v1/pauses/freeze', freeze);
    expect([created.status, created.body]).toEqual([201, expect.objectContaining({ id: 'freeze', ...freeze })]);
    await eventually(async () => (await regions.eu('GET', '/v1/pauses/freeze')).status === 200);
    const replaced = await regions.eu('PUT', '/v1/pauses/freeze', { owner: 'acme', reason: 'longer' });
    expect([replaced.status, replaced.body]).toEqual([200, expect.objectContaining({ owner: 'acme', reason: 'longer' })]);
    expect(replaced.body).not.toHaveProperty('repository');
    expect(replaced.body['createdAt']).toBe(created.body['createdAt']);
    await eventually(async () => JSON.stringify((await regions.us('GET', '/v1/pauses')).body).includes('longer'));
    expect((await regions.us('DELETE', '/v1/pauses/freeze')).status).toBe(204);
    await eventually(async () => (await regions.eu('GET', '/v1/pauses/freeze')).status === 404);
    expect((await regions.us('DELETE', '/v1/pauses/freeze')).body).toMatchObject({ status: 404, code: 'WB_PAUSE_UNKNOWN' });
  });

  it.each<[string, object, object]>([
    ['nothing', { reason: 'all of it' }, { code: 'WB_SCHEMA_VIOLATION' }],
    ['no reason', { owner: 'acme' }, { code: 'WB_SCHEMA_VIOLATION', errors: [{ path: 'reason' }] }],
    ['a field that is not known', { ...freeze, repo: 'x' }, { code: 'WB_SCHEMA_VIOLATION', errors: [{ path: 'repo' }] }],
    ['a bare name', { ...freeze, repository: 'my-target-repo' }, { code: 'WB_SCHEMA_VIOLATION', errors: [{ path: 'repository' }] }],
    ['an unknown region', { region: 'mars', reason: 'r' }, { code: 'WB_REGION_UNKNOWN' }],
  ])('of %s are refused, and nothing is stored', async (_what, body, problem) => {
    expect((await regions.us('PUT', '/v1/pauses/bad', body)).body).toMatchObject(problem);
    expect((await regions.us('PUT', '/v1/pauses/Bad.Id', freeze)).body).toMatchObject({ errors: [{ path: 'pauseId' }] });
    expect((await regions.us('GET', '/v1/pauses')).body).toMatchObject({ data: [] });
  });

  it('need the key', async () => {
    expect((await regions.us('PUT', '/v1/pauses/freeze', freeze, { authorization: '' })).status).toBe(401);
  });
});
