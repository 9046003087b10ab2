import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedDemo } from './demo.ts';
import { GithubFake } from './github-fake.ts';
import { type Call, appJwt, asApp, asInstallation, caller } from './testing/caller.ts';

describe('who may do what', () => {
  let fake: GithubFake;
  let app: Call;

  beforeAll(async () => {
    fake = await GithubFake.start();
    fake.owner('acme');
    fake.repository('acme/web', { files: { 'dispatching.yml': 'version: 1\n' }, workflows: { 'cd.yml': {} } });
    fake.repository('acme/api');
    fake.repository('beta/web');
    app = asApp(fake);
  });

  afterAll(() => fake.close());

  it.each([
    ['a signature of another key', (jwt: string) => `${jwt.slice(0, -8)}AAAAAAAA`, {}, '401 A JSON web token could not be decoded'],
    ['no JWT at all', () => 'nonsense', {}, '401 A JSON web token could not be decoded'],
    ['an end more than ten minutes away', (jwt: string) => jwt, { exp: Math.floor(Date.now() / 1000) + 700 }, 'too far in the future'],
    ['an end in the past', (jwt: string) => jwt, { exp: Math.floor(Date.now() / 1000) - 1 }, "401 'Expiration time' claim"],
    ['an issue time ahead', (jwt: string) => jwt, { iat: Math.floor(Date.now() / 1000) + 60 }, "401 'Issued at' claim"],
    ['another App', (jwt: string) => jwt, { iss: '999' }, '404 Integration not found'],
  ])('refuses a JWT with %s', async (_what, change, claims, message) => {
    const said = await caller(fake, change(appJwt(fake, claims)))('GET /app');
    expect(`${said.status} ${said.json.message}`).toContain(message);
  });

  it('takes the App id and the client id', async () => {
    expect((await app('GET /app')).json.slug).toBe('waybill');
    expect((await caller(fake, appJwt(fake, { iss: fake.app.clientId }))('GET /app')).status).toBe(200);
  });

  it('mints tokens of both formats, which run out after an hour', async () => {
    const { installationId } = fake.owner('acme');
    const path = `POST /app/installations/${installationId}/access_tokens`;
    const short = (await app(path)).json.token;
    fake.tokens.format = 'jwt';
    const long = (await app(path)).json.token;
    fake.tokens.format = 'short';
    expect(short).toMatch(/^ghs_.{36}$/u);
    expect(long.length).toBeGreaterThan(500);
    expect((await caller(fake, long)('GET /repos/acme/web')).status).toBe(200);
    fake.advance(3_600_001);
    expect((await caller(fake, long)('GET /repos/acme/web')).status).toBe(401);
    fake.advance(-3_600_001);
  });

  it('keeps a token to its repositories and its permissions', async () => {
    const narrow = await asInstallation(fake, 'acme', { repositories: ['web'], permissions: { actions: 'read' } });
    const run = 'POST /repos/acme/web/actions/workflows/cd.yml/dispatches';
    expect((await narrow('GET /repos/acme/api')).status).toBe(404);
    expect((await narrow('GET /repos/beta/web')).status).toBe(404);
    expect((await narrow('GET /repos/acme/web/actions/workflows')).status).toBe(200);
    const refused = [await narrow(run, { ref: 'main' }), await narrow('GET /repos/acme/web/contents/dispatching.yml')];
    expect(refused.map(({ status, json }) => [status, json.message])).toStrictEqual(
      Array.from({ length: 2 }, () => [403, 'Resource not accessible by integration']),
    );
    expect(fake.ledger.dispatches).toHaveLength(0);
    const { installationId } = fake.owner('acme');
    const tooMuch = await app(`POST /app/installations/${installationId}/access_tokens`, { permissions: { contents: 'write' } });
    expect([tooMuch.status, tooMuch.json.message]).toStrictEqual([422, 'The permissions requested are not granted to this installation.']);
  });

  it('takes the single file permission for a file', async () => {
    fake.owner('gamma', { permissions: { single_file: 'read' } });
    fake.repository('gamma/web', { files: { 'dispatching.yml': 'version: 1\n' } });
    const call = await asInstallation(fake, 'gamma');
    expect((await call('GET /repos/gamma/web/contents/dispatching.yml')).status).toBe(200);
  });

  it('knows suspended, removed and partial installations', async () => {
    const before = await asInstallation(fake, 'beta');
    const { installationId } = fake.owner('beta', { suspended: true });
    expect((await app('GET /repos/beta/web/installation')).json.suspended_at).toEqual(expect.any(String));
    expect((await app(`POST /app/installations/${installationId}/access_tokens`)).status).toBe(403);
    expect((await before('GET /repos/beta/web')).status).toBe(403);
    fake.owner('beta', { suspended: false, installed: false });
    expect((await app('GET /repos/beta/web/installation')).status).toBe(404);
    expect((await before('GET /repos/beta/web')).status).toBe(401);
    fake.repository('acme/out', { installed: false });
    expect((await app('GET /repos/acme/out/installation')).status).toBe(404);
  });

  it('has an ETag for each token, and a 304 that costs nothing', async () => {
    const path = 'GET /repos/acme/web/contents/dispatching.yml';
    const [one, other] = [await asInstallation(fake, 'acme'), await asInstallation(fake, 'acme')];
    const first = await one(path);
    const etag = first.headers.get('etag') ?? '';
    const again = await one(path, undefined, { 'if-none-match': etag });
    expect([again.status, again.text]).toStrictEqual([304, '']);
    expect(again.headers.get('x-ratelimit-remaining')).toBe(first.headers.get('x-ratelimit-remaining'));
    expect((await other(path, undefined, { 'if-none-match': etag })).status).toBe(200);
    fake.putFile('acme/web', 'dispatching.yml', 'version: 1\noutbound: []\n');
    const changed = await one(path, undefined, { 'if-none-match': etag });
    expect(Buffer.from(changed.json.content, 'base64').toString()).toBe('version: 1\noutbound: []\n');
    fake.removeFile('acme/web', 'dispatching.yml');
    expect((await one(path)).status).toBe(404);
  });

  it('redirects from an old name to the id', async () => {
    fake.repository('acme/old', { files: { 'a.txt': 'a' } });
    const call = await asInstallation(fake, 'acme');
    fake.rename('acme/old', 'acme/new');
    const said = await call('GET /repos/acme/old/contents/a.txt');
    const { id } = fake.repository('acme/new');
    expect([said.status, said.headers.get('location')]).toStrictEqual([301, `${fake.url}/repositories/${id}/contents/a.txt`]);
    expect((await call(`GET /repositories/${id}/contents/a.txt`)).json.content).toBe('YQ==');
    expect((await call('GET /repos/ACME/New')).json.full_name).toBe('acme/new');
  });

  it('stops at the primary limit', async () => {
    const small = await GithubFake.start({ rateLimit: 1, app: { privateKey: fake.app.privateKey } });
    small.repository('acme/web');
    const call = await asInstallation(small, 'acme');
    const [first, second] = [await call('GET /repos/acme/web'), await call('GET /repos/acme/web')];
    expect([first.status, second.status, second.headers.get('x-ratelimit-remaining')]).toStrictEqual([200, 403, '0']);
    await small.close();
  });

  it('is steered by other processes', async () => {
    seedDemo(fake);
    const said = await app('POST /_control/finish-run', { repository: 'acme/my-source-repo', workflow: 'ci.yml' });
    expect(said.json).toStrictEqual({ runId: expect.any(String), guid: expect.any(String) });
    const wrong = await app('POST /_control/faults', { route: 'dispatch', kind: 'nonsense' });
    expect([wrong.status, (await app('GET /_control/faults')).json]).toStrictEqual([400, []]);
    await app('POST /_control/faults', { route: 'repository', kind: '502-before' });
    expect((await (await asInstallation(fake, 'acme'))('GET /repos/acme/web')).status).toBe(502);
    await app('POST /_control/put-file', { repository: 'acme/my-source-repo', path: 'a.txt', text: 'a' });
    await app('POST /_control/hook', { url: 'http://127.0.0.1:9/x', fault: 'lost' });
    expect((await app('GET /_control')).json).toMatchObject({
      hook: { url: 'http://127.0.0.1:9/x', fault: 'lost' },
      counts: { dispatches: 0 },
    });
    expect((await app('GET /_control/ledger')).json.calls.length).toBeGreaterThan(0);
    await app('POST /_control/settled');
    expect((await app('GET /_control/deliveries')).json).toMatchObject([{ statusCode: 502, action: 'completed' }]);
  });
});
