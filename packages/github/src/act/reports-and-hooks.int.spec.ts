import { GithubFake } from '@waybill/github-fake';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CheckRun, GithubApp, InRepository } from '../github-app.ts';
import { appOf } from '../testing/app-of-fake.ts';

const SHA = 'a'.repeat(40);
const check: CheckRun = {
  name: 'Waybill',
  headSha: SHA,
  externalId: 'plan-1',
  status: 'in_progress',
  title: '2 of 3',
  summary: '| a |',
};

describe('what the App writes', () => {
  let fake: GithubFake;
  let app: GithubApp;
  let place: InRepository;

  beforeAll(async () => {
    fake = await GithubFake.start();
    const { installationId } = fake.owner('acme');
    fake.repository('acme/web');
    fake.repository('acme/silent', { issues: false });
    place = { installationId, owner: 'acme', repo: 'web' };
  });
  beforeEach(() => {
    fake.faults.clear();
    fake.ledger.calls.length = 0;
  });
  beforeAll(() => {
    app = appOf(fake);
  });
  afterAll(async () => {
    await app.close();
    await fake.close();
  });

  it('makes check runs, finds them by their external id on any page, and changes them', async () => {
    expect(await app.findCheckRun(place, SHA, 'plan-1')).toBeUndefined();
    const id = await app.createCheckRun(place, check);
    for (let other = 0; other < 100; other += 1) await app.createCheckRun(place, { ...check, externalId: `other-${other}` });
    expect(await app.findCheckRun(place, SHA, 'plan-1')).toBe(id);
    expect(fake.ledger.calls.filter(({ method, route }) => method === 'GET' && route === 'checks')).toHaveLength(3);
    await app.updateCheckRun(place, id, { ...check, status: 'completed', conclusion: 'neutral', detailsUrl: 'https://waybill.example/1' });
    expect(fake.ledger.checkRuns[0]).toMatchObject({
      name: 'Waybill',
      headSha: SHA,
      externalId: 'plan-1',
      conclusion: 'neutral',
      detailsUrl: 'https://waybill.example/1',
      title: '2 of 3',
      summary: '| a |',
    });
    expect(fake.ledger.calls.filter(({ route }) => route === 'token')).toHaveLength(1);
  });

  it('opens an issue, finds it by its marker, changes and closes it', async () => {
    const marker = '<!-- waybill: acme/web ci.yml -->';
    expect(await app.findIssue(place, marker)).toBeUndefined();
    await app.createIssue(place, { title: 'another', body: 'nothing' });
    const number = await app.createIssue(place, { title: 'failed', body: `why\n${marker}` });
    expect(await app.findIssue(place, marker)).toBe(number);
    await app.updateIssue(place, number, { title: 'failed again', body: `still\n${marker}` });
    expect(fake.ledger.issues.at(-1)).toMatchObject({ number, title: 'failed again', state: 'open' });
    await app.updateIssue(place, number, { title: 'done', body: marker, state: 'closed' });
    expect(await app.findIssue(place, marker)).toBeUndefined();
  });

  it('says when GitHub will not', async () => {
    const silent = { ...place, repo: 'silent' };
    await expect(app.createIssue(silent, { title: 'x', body: '' })).rejects.toMatchObject({ name: 'GithubRefused', status: 410 });
    await expect(app.updateIssue(place, 4711, { title: 'x', body: '' })).rejects.toMatchObject({ name: 'GithubRefused', status: 404 });
    await expect(app.createCheckRun({ ...place, repo: 'nothing' }, check)).rejects.toMatchObject({ name: 'GithubRefused', status: 422 });
    await expect(app.createCheckRun({ ...place, owner: '..', repo: 'web' }, check)).rejects.toMatchObject({ name: 'GithubRefused' });
  });

  it('says when GitHub is away, without trying again by itself', async () => {
    fake.faults.add({ route: 'checks', kind: '502-after' });
    const before = fake.ledger.checkRuns.length;
    await expect(app.createCheckRun(place, check)).rejects.toMatchObject({ code: 'WB_GITHUB_AWAY' });
    expect(fake.ledger.checkRuns).toHaveLength(before + 1);
  });

  it('knows its own name, by configuration or by asking once', async () => {
    expect(await app.botLogin()).toBe('waybill[bot]');
    expect(await app.botLogin()).toBe('waybill[bot]');
    expect(fake.ledger.calls.filter(({ route }) => route === 'app').length).toBeLessThan(2);
    const named = appOf(fake, { appSlug: 'other' });
    expect(await named.botLogin()).toBe('other[bot]');
    await named.close();
  });
});

describe("the App's webhook deliveries", () => {
  it('are listed page by page with ids that no number holds, and can be asked for again', async () => {
    const fake = await GithubFake.start();
    fake.owner('acme');
    fake.repository('acme/web');
    fake.hookUrl = undefined;
    const app = appOf(fake);
    for (let run = 0; run < 120; run += 1) fake.finishRun('acme/web', { workflow: 'ci.yml' });
    await fake.settled();
    const first = await app.hookDeliveries();
    expect(first.deliveries).toHaveLength(100);
    const second = await app.hookDeliveries(first.next);
    expect(second.next).toBeUndefined();
    const listed = [...first.deliveries, ...second.deliveries];
    expect(listed.map(({ id }) => id).toReversed()).toEqual(fake.deliveries.map(({ id }) => id));
    const [newest] = listed;
    expect(newest).toMatchObject({ event: 'workflow_run', action: 'completed', isRedelivery: false, guid: fake.deliveries.at(-1)?.guid });
    expect(BigInt(newest?.id ?? 0)).toBeGreaterThan(2n ** 53n);
    await app.redeliver(newest?.id ?? '');
    await fake.settled();
    expect((await app.hookDeliveries()).deliveries[0]).toMatchObject({ isRedelivery: true, guid: newest?.guid });
    await expect(app.redeliver('1')).rejects.toMatchObject({ name: 'GithubRefused' });
    await app.close();
    await fake.close();
  });
});
