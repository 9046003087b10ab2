import { inspect } from 'node:util';
import type { DispatchTarget } from '@waybill/contracts';
import { type Fault, GithubFake } from '@waybill/github-fake';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DispatchAnswer } from '../answers.ts';
import type { GithubApp } from '../github-app.ts';
import { appOf, targetOf } from '../testing/app-of-fake.ts';

const NAME = 'acme/my-target-repo';
const never = new AbortController().signal;

describe('dispatching workflows, with tokens of more than 500 characters', () => {
  let fake: GithubFake;
  let app: GithubApp;
  let target: DispatchTarget;
  let nowMs: number;

  const dispatch = (changes: Partial<DispatchTarget> = {}): Promise<DispatchAnswer> => app.dispatch({ ...target, ...changes }, never);
  const fault = (kind: Fault['kind'], changes: Partial<Fault> = {}): void => fake.faults.add({ route: 'dispatch', kind, ...changes });
  const posts = (): number => fake.ledger.calls.filter(({ route }) => route === 'dispatch').length;
  const tokens = (): number => fake.ledger.calls.filter(({ route }) => route === 'token').length;

  beforeAll(async () => {
    fake = await GithubFake.start({ tokenFormat: 'jwt' });
    fake.owner('acme');
    fake.repository(NAME, {
      tags: ['v1'],
      workflows: {
        'cd.yml': { inputs: { sha: {}, env: {} } },
        'strict.yml': { inputs: { sha: { required: true } } },
        'push.yml': { dispatchable: false },
        'off.yml': { enabled: false },
        'blocked.yml': { blocked: true },
      },
    });
  });
  afterAll(() => fake.close());
  beforeEach(() => {
    nowMs = Date.now();
    app = appOf(fake, {}, () => nowMs);
    target = targetOf(fake, NAME);
    fake.ledger.dispatches.length = 0;
    fake.ledger.calls.length = 0;
  });
  afterEach(async () => {
    fake.faults.clear();
    await app.close();
  });

  it('starts a run and names it', async () => {
    const answer = await dispatch({ ref: 'v1', inputs: { sha: '9007199254740993n', env: 'prod' } });
    const [made] = fake.ledger.dispatches;
    expect(made).toMatchObject({ owner: 'acme', workflow: 'cd.yml', ref: 'v1', inputs: { sha: '9007199254740993n', env: 'prod' } });
    expect(answer).toEqual({ kind: 'started', runId: made?.runId, url: expect.stringContaining(`/runs/${made?.runId}`), httpStatus: 200 });
  });

  it('makes one token for the dispatches into a repository, good for nothing else', async () => {
    await Promise.all([dispatch(), dispatch()]);
    await dispatch();
    nowMs += 54 * 60_000;
    await dispatch();
    expect(tokens()).toBe(1);
    nowMs += 60_000;
    await dispatch();
    expect(tokens()).toBe(2);
    fake.repository('acme/another', { workflows: { 'cd.yml': {} } });
    await dispatch(targetOf(fake, 'acme/another'));
    expect(tokens()).toBe(3);
  });

  it.each([
    ['ref_not_found', { ref: 'nope' }, 422],
    ['inputs_rejected', { inputs: { nope: '1' } }, 422],
    ['inputs_rejected', { workflow: 'strict.yml' }, 422],
    ['workflow_not_dispatchable', { workflow: 'push.yml' }, 422],
    ['workflow_disabled', { workflow: 'off.yml' }, 422],
    ['blocked_by_policy', { workflow: 'blocked.yml' }, 403],
    ['workflow_not_found', { workflow: 'none.yml' }, 404],
  ] as const)('says %s for %o', async (reason, changes, httpStatus) => {
    expect(await dispatch(changes)).toMatchObject({ kind: 'refused', reason, httpStatus });
    expect(fake.ledger.dispatches).toEqual([]);
  });

  it('says that a right is missing, or the whole installation', async () => {
    fake.owner('poor', { permissions: { actions: 'read', contents: 'read', metadata: 'read' } });
    fake.repository('poor/repo', { workflows: { 'cd.yml': {} } });
    const refused = { kind: 'refused', reason: 'permission_missing' };
    expect(await dispatch(targetOf(fake, 'poor/repo'))).toMatchObject(refused);
    expect(await dispatch({ installationId: '99999999' })).toMatchObject(refused);
    fake.owner('asleep', { suspended: true });
    fake.repository('asleep/repo', { workflows: { 'cd.yml': {} } });
    expect(await dispatch(targetOf(fake, 'asleep/repo'))).toMatchObject(refused);
    expect(posts()).toBe(0);
  });

  it('does not follow a repository that was renamed', async () => {
    fake.repository('acme/old', { workflows: { 'cd.yml': {} } });
    const old = targetOf(fake, 'acme/old');
    fake.rename('acme/old', 'acme/new');
    expect(await dispatch(old)).toMatchObject({ kind: 'moved', httpStatus: 301 });
    expect(fake.ledger.dispatches).toEqual([]);
  });

  it('cannot be led to another path of the API', async () => {
    expect(await dispatch({ owner: '..', repo: '..' })).toMatchObject({ kind: 'refused', reason: 'workflow_not_found' });
    expect(fake.ledger.calls).toEqual([]);
  });

  it.each([
    ['502-before', 0],
    ['502-after', 1],
    ['reset-before', 0],
    ['reset-after', 1],
  ] as const)('does not know the outcome after %s, and calls once', async (kind, started) => {
    fault(kind);
    expect(await dispatch()).toMatchObject({ kind: 'unknown' });
    expect(posts()).toBe(1);
    expect(fake.ledger.dispatches).toHaveLength(started);
  });

  it.each(['hang', 'hang-after', 'slow-body'] as const)('does not wait longer than it may: %s', async (kind) => {
    const hasty = appOf(fake, { timeoutMs: 1000 });
    await hasty.dispatch(target, never);
    fault(kind);
    expect(await hasty.dispatch(target, never)).toEqual({ kind: 'unknown', detail: 'no answer in time' });
    expect(posts()).toBe(2);
    await hasty.close();
  });

  it('does not know the outcome of a call that was cut off; before the call it does', async () => {
    const cut = new AbortController();
    fault('hang-after');
    const answer = app.dispatch(target, cut.signal);
    await expect.poll(() => fake.ledger.dispatches.length, { timeout: 30_000 }).toBe(1);
    cut.abort();
    expect(await answer).toEqual({ kind: 'unknown', detail: 'cut off' });
    expect(await app.dispatch(target, AbortSignal.abort())).toMatchObject({ kind: 'unreached' });
    expect(posts()).toBe(1);
  });

  it.each([
    ['no token', 'token', 'reset-after'],
    ['no token', 'token', '502-before'],
    ['no token', 'token', '401'],
    ['does not take', 'dispatch', '401'],
  ] as const)('knows that nothing was sent: %s, for %s %s', async (detail, route, kind) => {
    fault(kind, { route });
    expect(await dispatch()).toMatchObject({ kind: 'unreached', detail: expect.stringContaining(detail) });
    expect(fake.ledger.dispatches).toEqual([]);
    expect(await dispatch()).toMatchObject({ kind: 'started' });
  });

  it('stays away from a limited installation, and from no other', async () => {
    fake.owner('beta');
    fake.repository('beta/repo', { workflows: { 'cd.yml': {} } });
    fault('secondary-limit', { retryAfterSeconds: 90 });
    expect(await dispatch()).toMatchObject({ kind: 'limited', retryAfterMs: 90_000, httpStatus: 403 });
    expect(await dispatch(targetOf(fake, 'beta/repo'))).toMatchObject({ kind: 'started' });
    nowMs += 30_000;
    expect(await dispatch()).toMatchObject({ kind: 'limited', retryAfterMs: 60_000, httpStatus: 403 });
    await expect(app.runsOf(target, 0)).rejects.toMatchObject({ code: 'WB_GITHUB_LIMITED', extra: { retryAfterMs: 60_000 } });
    expect(posts()).toBe(2);
    nowMs += 60_000;
    expect(await dispatch()).toMatchObject({ kind: 'started' });
  });

  it('waits a minute, then longer, when GitHub does not say how long', async () => {
    fault('secondary-limit', { times: 2, status: 429 });
    expect(await dispatch()).toMatchObject({ kind: 'limited', retryAfterMs: 60_000, httpStatus: 429 });
    nowMs += 60_000;
    expect(await dispatch()).toMatchObject({ kind: 'limited', retryAfterMs: 120_000 });
    nowMs += 120_000;
    expect(await dispatch()).toMatchObject({ kind: 'started' });
  });

  it.each(['dispatch', 'token'] as const)('waits for the reset of a spent budget, of the %s', async (route) => {
    fault('primary-limit', { route, retryAfterSeconds: 600 });
    const answer = await dispatch();
    expect(answer).toMatchObject({ kind: 'limited', retryAfterMs: expect.any(Number) });
    expect(fake.ledger.dispatches).toEqual([]);
  });

  it('keeps ids that no number holds', async () => {
    const runId = '9007199254740993';
    fake.finishRun(NAME, { workflow: 'cd.yml', event: 'workflow_dispatch', runId });
    expect(await app.runsOf(target, Date.now() - 30_000)).toContainEqual(expect.objectContaining({ id: runId }));
  });

  it('finds what a dispatch started', async () => {
    const before = Date.now() - 30_000;
    fake.faults.add({ route: 'dispatch', kind: '502-after' });
    await dispatch({ ref: 'v1' });
    await dispatch();
    const [onTag, onMain] = fake.ledger.dispatches;
    const [newest] = await app.runsOf({ ...target, ref: 'v1' }, before);
    expect(newest).toMatchObject({ id: onTag?.runId, actor: await app.botLogin(), url: expect.stringContaining('/runs/') });
    expect(await app.runsOf(target, before)).toContainEqual(expect.objectContaining({ id: onMain?.runId }));
    expect(await app.runsOf(target, before)).not.toContainEqual(expect.objectContaining({ id: onTag?.runId }));
    expect(await app.runsOf(target, Date.now() + 60_000)).toEqual([]);
  });

  it('gives away neither tokens nor the key', async () => {
    const told: unknown[] = [];
    const tell = async (work: Promise<unknown>): Promise<void> => void told.push(await work.catch((error: unknown) => error));
    for (const kind of ['401', '502-before', 'reset-before', 'secondary-limit'] as const) {
      for (const route of ['token', '*'] as const) {
        const other = appOf(fake);
        fault(kind, { route, times: 2 });
        await tell(other.dispatch(target, never));
        await tell(other.runsOf(target, 0));
        fake.faults.clear();
        await other.close();
      }
    }
    expect(told).toHaveLength(16);
    expect(inspect(told, { depth: 12, showHidden: true, maxStringLength: null })).not.toMatch(/ghs_|BEGIN|authorization|bearer|eyJ/i);
  });
});

describe('dispatching workflows, with tokens of 40 characters', () => {
  it('asks an Enterprise Server to name the run, once', async () => {
    const fake = await GithubFake.start({ profile: 'ghes-3.19' });
    fake.owner('acme');
    fake.repository(NAME, { workflows: { 'cd.yml': {} } });
    const app = appOf(fake, { apiVersion: undefined });
    const target = targetOf(fake, NAME);
    expect(await app.dispatch(target, never)).toEqual({ kind: 'started', httpStatus: 204 });
    expect(await app.dispatch(target, never)).toEqual({ kind: 'started', httpStatus: 204 });
    expect(fake.ledger.calls.filter(({ route }) => route === 'dispatch').map(({ status }) => status)).toEqual([422, 204, 204]);
    expect(fake.ledger.dispatches).toHaveLength(2);
    await app.close();
    await fake.close();
  });

  it('is told the run by a server that names it on request', async () => {
    const fake = await GithubFake.start();
    fake.owner('acme');
    fake.repository(NAME, { workflows: { 'cd.yml': {} } });
    const app = appOf(fake, { apiVersion: '2022-11-28' });
    expect(await app.dispatch(targetOf(fake, NAME), never)).toMatchObject({
      kind: 'started',
      runId: fake.ledger.dispatches[0]?.runId ?? '',
    });
    await app.close();
    await fake.close();
  });

  it('knows that nothing was sent when nobody listens', async () => {
    const fake = await GithubFake.start();
    fake.owner('acme');
    fake.repository(NAME, { workflows: { 'cd.yml': {} } });
    const app = appOf(fake);
    const target = targetOf(fake, NAME);
    await app.dispatch(target, never);
    await fake.close();
    // With the token that it has: it is the dispatch itself that is refused.
    expect(await app.dispatch(target, never)).toEqual({ kind: 'unreached', detail: 'ECONNREFUSED' });
    expect(fake.ledger.dispatches).toHaveLength(1);
    await app.close();
  });
});
