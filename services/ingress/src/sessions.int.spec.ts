import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type IngressUnderTest, KEY, startUnderTest } from './testing/ingress-under-test.ts';
import { parseRaw, rawRequest } from './testing/raw-request.ts';

const VIEWER = 'key-of-viewers';
const OPERATOR = 'key-of-operators';
const ASSET = 'console.log("dashboard");';

let ingress: IngressUnderTest;
let site: string;
beforeAll(async () => {
  site = await mkdtemp(join(tmpdir(), 'waybill-site-'));
  await mkdir(join(site, 'assets'));
  await writeFile(join(site, 'index.html'), '<!doctype html><title>Waybill</title>');
  await writeFile(join(site, 'assets/app-1a2b3c.js'), ASSET);
  await writeFile(join(site, 'assets/app-1a2b3c.js.gz'), gzipSync(ASSET));
  await cp(join(site, 'assets/app-1a2b3c.js'), join(site, 'outside.js'));
  ingress = await startUnderTest({ DASHBOARD_DIR: site, VIEWER_API_KEY: VIEWER, OPERATOR_API_KEY: OPERATOR });
  await ingress.call('PUT', '/v1/tenants/acme', {});
  await ingress.call('POST', '/v1/tenants/acme/endpoints', { id: 'one', url: 'https://receiver.test/hook' });
});
afterAll(async () => {
  await ingress.cleanup();
  await rm(site, { recursive: true });
});

type Headers = Record<string, string>;
interface Answer {
  readonly status: number;
  readonly headers: globalThis.Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

/** Sends without a key. */
async function bare(method: string, path: string, body?: unknown, headers: Headers = {}): Promise<Answer> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const type: Headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(ingress.url + path, { method, headers: { ...type, ...headers }, redirect: 'manual', ...sent });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, headers: response.headers, text, body: isJson && text !== '' ? JSON.parse(text) : {} };
}

const cookieOf = ({ headers }: Answer): string => (headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
const signedIn = async (key: string, name?: string): Promise<string> => cookieOf(await bare('POST', '/session', { key, name }));
/** What a page of this address sends. */
const here = (cookie: string): Headers => ({ cookie, origin: ingress.url });
const endpoint = '/v1/tenants/acme/endpoints/one';
const refused = (status: number, code: string) => ({ status, body: { status, code } });

describe('signing in', () => {
  it('gives a session for a key, in a cookie that stays with this host and is sent by no other site', async () => {
    const answer = await bare('POST', '/session', { key: OPERATOR, name: 'Ada' });
    const session = { role: 'operator', name: 'Ada', region: 'test', expiresAt: expect.any(String) };
    expect(answer).toMatchObject({ status: 200, body: session });
    const attributes = (answer.headers.get('set-cookie') ?? '').split('; ').slice(1);
    expect(attributes.toSorted()).toEqual(['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Strict', 'Secure']);
    expect(cookieOf(answer)).toMatch(/^__Host-waybill=[\w.-]+$/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect((await bare('GET', '/session', undefined, { cookie: cookieOf(answer) })).body).toEqual(answer.body);
  });

  it('says nothing but that it was wrong, and stops answering so after ten times in a minute; who is right comes in all the same', async () => {
    const wrong = await Promise.all(Array.from({ length: 12 }, () => bare('POST', '/session', { key: 'wrong-key' })));
    expect(wrong.map(({ body }) => body['code'])).toEqual([...Array(10).fill('WB_UNAUTHORIZED'), ...Array(2).fill('WB_RATE_LIMITED')]);
    expect(wrong[11]?.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(wrong.every(({ headers }) => headers.get('set-cookie') === null)).toBe(true);
    expect((await bare('POST', '/session', { key: KEY })).body).toMatchObject({ role: 'admin', name: 'management-key' });
  });

  it.each([
    [{}, 422],
    [{ key: KEY, link: 'x' }, 422],
    [{ link: 'x', name: 'Eve' }, 422],
    [{ key: 1 }, 422],
    [{ key: KEY, name: 'a\nb' }, 422],
    [{ key: KEY, name: '  ' }, 422],
    [{ key: KEY, role: 'admin' }, 422],
    [{ key: 'x'.repeat(9_000) }, 413],
  ])('refuses what is wrong: %#', async (body, status) => {
    const answer = await bare('POST', '/session', body);
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain(KEY);
  });

  it.each([{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }])(
    'is not done for another site: %o',
    async (headers) => {
      expect(await bare('POST', '/session', { key: KEY }, headers)).toMatchObject(refused(403, 'WB_ORIGIN_DENIED'));
      expect(await bare('DELETE', '/session', undefined, headers)).toMatchObject(refused(403, 'WB_ORIGIN_DENIED'));
    },
  );

  it('with a link works once, as whom it was made for', async () => {
    const made = await ingress.call('POST', '/v1/session-links', { role: 'viewer', name: 'Grace' });
    expect(made.status).toBe(201);
    const url = new URL(String(made.body['url']));
    expect([url.origin, url.pathname, url.search]).toEqual([ingress.url.replace('[::1]', '127.0.0.1'), '/', '']);
    const link = new URLSearchParams(url.hash.slice(1)).get('link');
    expect((await bare('POST', '/session', { link })).body).toMatchObject({ role: 'viewer', name: 'Grace' });
    // This address has used its failures up.
    expect((await bare('POST', '/session', { link })).body['code']).toMatch(/^WB_(LINK_INVALID|RATE_LIMITED)$/);
  });

  it('ends with signing out, which needs nothing', async () => {
    const { status, headers } = await bare('DELETE', '/session');
    expect(status).toBe(204);
    expect(headers.get('set-cookie')).toMatch(/^__Host-waybill=; Max-Age=0;/);
  });
});

describe('a session', () => {
  it('may do what its role may, however the path is spelled', async () => {
    const viewer = here(await signedIn(VIEWER));
    const operator = here(await signedIn(OPERATOR));
    const admin = here(await signedIn(KEY));
    for (const headers of [viewer, operator, admin]) expect((await bare('GET', endpoint, undefined, headers)).status).toBe(200);
    const forbidden = { ...refused(403, 'WB_FORBIDDEN'), body: { role: 'admin', detail: expect.stringContaining('admin') } };
    for (const path of [`${endpoint}/secret`, `${endpoint}/%73ecret`, `${endpoint.replace('/v1', '/%76%31')}/secret`])
      expect(await bare('GET', path, undefined, operator)).toMatchObject(forbidden);
    for (const path of [`${endpoint}/secret/`, `/${endpoint}/secret`, `${endpoint}%2fsecret`, `/session/..${endpoint}/secret`])
      expect((await bare('GET', path, undefined, viewer)).text).not.toContain('whsec_');
    expect(await bare('HEAD', `${endpoint}/secret`, undefined, operator)).toMatchObject({ status: 403 });
    expect((await bare('GET', `${endpoint}/secret`, undefined, admin)).body).toEqual({ key: expect.stringMatching(/^whsec_/) });
    expect(await bare('PUT', '/v1/pauses/p1', { reason: 'x' }, viewer)).toMatchObject({ status: 403, body: { role: 'operator' } });
    expect((await bare('PUT', '/v1/pauses/p1', { repository: 'o/r', reason: 'x' }, operator)).status).toBe(201);
    expect(await bare('POST', '/v1/session-links', {}, operator)).toMatchObject(forbidden);
  });

  it.each(['x-http-method-override', 'x-http-method', 'x-method-override'])('is not made more by %s', async (header) => {
    const headers = { ...here(await signedIn(VIEWER)), [header]: 'DELETE' };
    expect((await bare('GET', endpoint, undefined, headers)).status).toBe(200);
    expect((await bare('GET', `${endpoint}?_method=DELETE`, undefined, headers)).status).toBe(200);
    expect((await bare('GET', endpoint, undefined, headers)).status).toBe(200);
  });

  it('changes things for pages of this address only, and shows them to no other', async () => {
    const cookie = await signedIn(KEY);
    const change = (headers: Headers) => bare('PUT', '/v1/tenants/acme', {}, { cookie, ...headers });
    for (const headers of [
      {},
      { origin: 'null' },
      { origin: 'http://127.0.0.1:1' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
    ])
      expect(await change(headers)).toMatchObject(refused(403, 'WB_ORIGIN_DENIED'));
    expect((await change({ origin: ingress.url })).status).toBe(200);
    expect((await change({ 'sec-fetch-site': 'same-origin', origin: 'https://behind.proxy.example' })).status).toBe(200);
    const look = (headers: Headers) => bare('GET', '/v1/tenants', undefined, { cookie, ...headers });
    expect(await look({ 'sec-fetch-site': 'same-site' })).toMatchObject(refused(403, 'WB_ORIGIN_DENIED'));
    expect((await look({ 'sec-fetch-site': 'none' })).status).toBe(200);
  });

  it('does not stand in for a key that is wrong', async () => {
    const cookie = await signedIn(KEY);
    expect(await bare('GET', '/v1/tenants', undefined, { cookie, authorization: 'Bearer wrong-key' })).toMatchObject(
      refused(401, 'WB_UNAUTHORIZED'),
    );
    expect(await bare('GET', '/v1/tenants', undefined, { cookie: `${cookie}x` })).toMatchObject(refused(401, 'WB_UNAUTHORIZED'));
  });

  it('outlives a restart, but not the key that it was made with', async () => {
    const cookie = await signedIn(OPERATOR);
    await ingress.restart();
    expect((await bare('GET', '/session', undefined, { cookie })).status).toBe(200);
    await ingress.restart({ OPERATOR_API_KEY: 'another-key-of-operators' });
    expect(await bare('GET', '/session', undefined, { cookie })).toMatchObject(refused(401, 'WB_UNAUTHORIZED'));
    await expect(ingress.restart({ OPERATOR_API_KEY: KEY })).rejects.toThrow('a key of its own for each role');
    await ingress.restart();
  });
});

it('lets a key of a lesser role do as little as its session', async () => {
  const by = (key: string) => ({ authorization: `Bearer ${key}` });
  expect((await bare('GET', '/v1/tenants', undefined, by(VIEWER))).status).toBe(200);
  expect(await bare('PUT', '/v1/tenants/acme', {}, by(VIEWER))).toMatchObject(refused(403, 'WB_FORBIDDEN'));
  expect(await bare('GET', `${endpoint}/secret`, undefined, by(OPERATOR))).toMatchObject(refused(403, 'WB_FORBIDDEN'));
});

describe('the dashboard', () => {
  it('is one document at every page, in no frame, asked for again each time', async () => {
    const pages = await Promise.all(
      ['/', '/events', '/events/', '/events/evt_1', '/endpoints/acme/one?tab=x'].map((path) => bare('GET', path)),
    );
    for (const { status, headers, text } of pages) {
      expect([status, text]).toEqual([200, '<!doctype html><title>Waybill</title>']);
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/);
      expect(headers.get('cache-control')).toBe('no-cache');
      expect(headers.get('etag') ?? headers.get('last-modified')).toBeNull();
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('has assets that never change, compressed for those who can read that', async () => {
    const { status, headers, text } = await bare('GET', '/assets/app-1a2b3c.js', undefined, { 'accept-encoding': 'gzip' });
    expect([status, text]).toEqual([200, ASSET]);
    expect([headers.get('content-encoding'), headers.get('vary')]).toEqual(['gzip', 'accept-encoding']);
    const plain = await bare('GET', '/assets/app-1a2b3c.js', undefined, { 'accept-encoding': 'identity' });
    expect([plain.headers.get('content-encoding'), plain.text]).toEqual([null, ASSET]);
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(headers.get('content-type')).toMatch(/^text\/javascript|application\/javascript/);
  });

  it.each([
    '/assets/none.js',
    '/assets/',
    '/assets',
    '/assets/../outside.js',
    '/assets/..%2foutside.js',
    '/assets/%2e%2e/outside.js',
    '/assets/..%5coutside.js',
    '/assets//etc/passwd',
    '/outside.js',
    '/assets/app-1a2b3c.js%00',
    '/assets/%',
    '/index.html',
  ])('gives nothing at %s but a problem', async (path) => {
    const answer = await rawRequest(ingress.port, (send) => void send(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`));
    const { status, type, body } = parseRaw(answer);
    expect([status, type]).toEqual([expect.toBeOneOf([400, 403, 404]), expect.stringContaining('application/problem+json')]);
    expect(body).toMatchObject({ code: expect.any(String) });
  });

  it('is not where something can be sent to', async () => {
    expect(await bare('POST', '/events', {})).toMatchObject({ status: 405, body: { code: 'WB_METHOD_NOT_ALLOWED' } });
    for (const path of ['//', '/v1/live/']) expect(await bare('GET', path)).toMatchObject(refused(404, 'WB_NOT_FOUND'));
  });

  it('tells people who are lost so, and programs in their own way', async () => {
    const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    const { status, headers, text } = await bare('GET', '/nothing/here', undefined, browser);
    expect([status, text]).toEqual([404, '<!doctype html><title>Waybill</title>']);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    for (const path of ['/v1/nothing', '/assets/none.js', '/admin', '/webhooks/'])
      expect(await bare('GET', path, undefined, browser)).toMatchObject({ body: { code: expect.stringMatching(/^WB_/) } });
    expect(await bare('POST', '/nothing/here', {}, browser)).toMatchObject(refused(404, 'WB_NOT_FOUND'));
    expect(await bare('GET', '/nothing/here')).toMatchObject(refused(404, 'WB_NOT_FOUND'));
  });

  it('is said to be missing, when there is none', async () => {
    await ingress.restart({ DASHBOARD_DIR: '' });
    expect((await bare('GET', '/')).body).toMatchObject({ code: 'WB_NOT_FOUND', detail: expect.stringContaining('DASHBOARD_DIR') });
    expect((await bare('GET', '/events')).status).toBe(404);
    await expect(ingress.restart({ DASHBOARD_DIR: join(site, 'assets') })).rejects.toThrow('no index.html');
    await ingress.restart();
  });
});
