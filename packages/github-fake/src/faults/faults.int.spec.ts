import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { GithubFake } from '../github-fake.ts';
import { type Call, asApp, asInstallation } from '../testing/caller.ts';
import type { Fault } from './faults.ts';

describe('faults', () => {
  let fake: GithubFake;
  let call: Call;
  const dispatch = 'POST /repos/acme/web/actions/workflows/cd.yml/dispatches';

  beforeAll(async () => {
    fake = await GithubFake.start();
    for (const name of ['acme/web', 'beta/web']) {
      fake.repository(name, { workflows: { 'cd.yml': { runsForMs: 0 } }, files: { a: 'a' } });
    }
    call = await asInstallation(fake, 'acme');
  });

  afterEach(() => fake.faults.clear());
  afterAll(() => fake.close());

  /** Status of a dispatch, `broken` when the connection ended, `late` when no whole answer came; and what it started. */
  async function outcome(fault: Fault, patienceMs: number): Promise<readonly [number | string, number]> {
    const before = fake.ledger.dispatches.length;
    fake.faults.add(fault);
    const { token } = await tokenOf();
    const answer = fetch(`${fake.url}${dispatch.slice(5)}`, {
      method: 'POST',
      headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
      body: '{"ref":"main","return_run_details":true}',
      signal: AbortSignal.timeout(patienceMs),
    });
    const status = await answer
      .then(async (response) => {
        await response.text();
        return response.status;
      })
      .catch((error: unknown) => (error instanceof Error && error.name === 'TimeoutError' ? 'late' : 'broken'));
    return [status, fake.ledger.dispatches.length - before];
  }

  async function tokenOf(): Promise<{ token: string }> {
    const { installationId } = fake.owner('acme');
    return (await asApp(fake)(`POST /app/installations/${installationId}/access_tokens`)).json;
  }

  it.each([
    ['502-before', 502, 0],
    ['502-after', 502, 1],
    ['reset-before', 'broken', 0],
    ['reset-after', 'broken', 1],
    ['hang', 'late', 0],
    ['hang-after', 'late', 1],
    ['slow-body', 'late', 1],
    ['401', 401, 0],
    ['primary-limit', 403, 0],
    ['secondary-limit', 403, 0],
  ] as const)('%s ends as %s and starts %i runs', async (kind, status, started) => {
    expect(await outcome({ route: 'dispatch', kind }, status === 'late' ? 1000 : 30_000)).toStrictEqual([status, started]);
    expect(await outcome({ route: 'contents', kind }, 30_000)).toStrictEqual([200, 1]);
  });

  it('counts its times, and keeps to its owner and route', async () => {
    fake.faults.add({ route: 'contents', kind: '502-before', owner: 'ACME', times: 2 });
    const other = await asInstallation(fake, 'beta');
    const statuses = [];
    for (const [by, path] of [
      [other, '/repos/beta/web/contents/a'],
      [call, '/repos/acme/web'],
      [call, '/repos/acme/web/contents/a'],
      [call, '/repos/acme/web/contents/a'],
      [call, '/repos/acme/web/contents/a'],
    ] as const) {
      statuses.push((await by(`GET ${path}`)).status);
    }
    expect(statuses).toStrictEqual([200, 200, 502, 502, 200]);
    fake.faults.add({ route: '*', kind: '401', times: 0 });
    expect((await call('GET /repos/acme/web')).status).toBe(401);
    expect((await call('GET /repos/acme/web')).status).toBe(401);
  });

  it('says how long a limit lasts, or not', async () => {
    fake.faults.add({ route: 'repository', kind: 'secondary-limit', retryAfterSeconds: 90 });
    fake.faults.add({ route: 'repository', kind: 'secondary-limit', status: 429 });
    fake.faults.add({ route: 'repository', kind: 'primary-limit', retryAfterSeconds: 30 });
    const said = [await call('GET /repos/acme/web'), await call('GET /repos/acme/web'), await call('GET /repos/acme/web')];
    expect(said.map(({ status, headers }) => [status, headers.get('retry-after')])).toStrictEqual([
      [403, '90'],
      [429, null],
      [403, null],
    ]);
    expect(said[2]?.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(Number(said[2]?.headers.get('x-ratelimit-reset')) * 1000).toBeGreaterThan(Date.now());
  });

  it('shows a file as it was before its last change', async () => {
    fake.putFile('acme/web', 'a', 'new');
    fake.faults.add({ route: 'contents', kind: 'stale' });
    const said = [await call('GET /repos/acme/web/contents/a'), await call('GET /repos/acme/web/contents/a')];
    expect(said.map(({ json }) => Buffer.from(json.content, 'base64').toString())).toStrictEqual(['a', 'new']);
  });

  it('writes every call into the ledger', async () => {
    fake.faults.add({ route: 'repository', kind: 'reset-before' });
    await call('GET /repos/acme/web').catch(() => undefined);
    expect(fake.ledger.calls.at(-1)).toMatchObject({ method: 'GET', path: '/repos/acme/web', route: 'repository', status: 0 });
  });
});
