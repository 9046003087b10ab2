import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type IngressUnderTest, KEY, type Reply, SECRET, startUnderTest } from './testing/ingress-under-test.ts';
import { parseRaw, rawRequest } from './testing/raw-request.ts';
import { signed } from './testing/signed.ts';

const MAX_BODY_BYTES = 10_000;
const RECEIVE_TIMEOUT_MS = 1_000;
let ingress: IngressUnderTest;
let storedBefore: number;

beforeAll(async () => {
  ingress = await startUnderTest({ MAX_BODY_BYTES: String(MAX_BODY_BYTES), REQUEST_RECEIVE_TIMEOUT_MS: String(RECEIVE_TIMEOUT_MS) });
  await ingress.call('PUT', '/v1/tenants/acme', {});
  const verification = { kind: 'standard-webhooks', secret: SECRET };
  await ingress.call('POST', '/v1/sources', { id: 'shop', tenantId: 'acme', verification });
  const github = { kind: 'hmac', secret: 'hush', header: 'X-Hub-Signature-256', prefix: 'sha256=' };
  await ingress.call('POST', '/v1/sources', { id: 'gh', tenantId: 'acme', verification: github });
});
afterAll(() => ingress.cleanup());
beforeEach(async () => {
  storedBefore = await ingress.stored();
});

/** Checks the refusal, that it is a problem document, and that nothing was stored. */
async function expectRefused(reply: Pick<Reply, 'status' | 'headers' | 'body'>, status: number, code: string): Promise<void> {
  expect(reply.body).toMatchObject({ status, code, detail: expect.any(String), remedy: expect.any(String) });
  expect(reply.status).toBe(status);
  expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json(;|$)/);
  expect(await ingress.stored()).toBe(storedBefore);
}

const post = async (path: string, body: string | Buffer, headers: Record<string, string>): Promise<Reply> => {
  const response = await fetch(ingress.url + path, { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers });
  return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
};
const json = { 'content-type': 'application/json' };
const webhook = (body: string | Buffer, headers: Record<string, string> = {}): Promise<Reply> =>
  post('/webhooks/shop', body, { ...json, ...signed(body), ...headers });
const event = (body: string | Buffer, headers: Record<string, string> = {}): Promise<Reply> =>
  post('/v1/tenants/acme/events', body, { ...json, authorization: `Bearer ${KEY}`, ...headers });

describe('signatures', () => {
  const body = '{"type":"order.paid"}';

  it('a good one is accepted, with and without a content type', async () => {
    expect((await webhook(body)).status).toBe(202);
    const { status } = await post('/webhooks/shop', body, signed(body));
    expect(status).toBe(202);
    const answer = await rawRequest(ingress.port, (send) => {
      const lines = Object.entries(signed(body)).map(([name, value]) => `${name}: ${value}`);
      send(
        `POST /webhooks/shop HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${body.length}\r\n${lines.join('\r\n')}\r\n\r\n${body}`,
      );
    });
    expect(parseRaw(answer)).toMatchObject({ status: 202, body: { duplicate: false } });
    expect(await ingress.stored()).toBe(storedBefore + 3);
  });
  it('a good one of the reference library is accepted', async () => {
    const at = new Date();
    const signature = new Webhook(SECRET).sign('msg_ref', at, body);
    const headers = {
      'webhook-id': 'msg_ref',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': signature,
    };
    expect((await post('/webhooks/shop', body, { ...json, ...headers })).status).toBe(202);
  });
  it('a wrong one', async () => expectRefused(await webhook(body, signed('{}')), 401, 'WB_SIGNATURE_INVALID'));
  it('none', async () => expectRefused(await post('/webhooks/shop', body, json), 401, 'WB_SIGNATURE_MISSING'));
  it('an old one', async () => expectRefused(await webhook(body, signed(body, new Date(Date.now() - 301_000))), 401, 'WB_TIMESTAMP_STALE'));
  it('one from the future', async () =>
    expectRefused(await webhook(body, signed(body, new Date(Date.now() + 302_000))), 401, 'WB_TIMESTAMP_STALE'));
  it('of the kind GitHub sends', async () => {
    const signature = `sha256=${createHmac('sha256', 'hush').update(body).digest('hex')}`;
    const headers = { ...json, 'x-github-event': 'workflow_run', 'x-github-delivery': 'd-1' };
    await expectRefused(
      await post('/webhooks/gh', `${body} `, { ...headers, 'x-hub-signature-256': signature }),
      401,
      'WB_SIGNATURE_INVALID',
    );
    await expectRefused(await post('/webhooks/gh', body, headers), 401, 'WB_SIGNATURE_MISSING');
    expect((await post('/webhooks/gh', body, { ...headers, 'x-hub-signature-256': signature })).status).toBe(202);
  });
});

describe('bodies', () => {
  const over = JSON.stringify({ eventType: 'a.b', data: 'x'.repeat(MAX_BODY_BYTES) });
  it.each([
    ['webhook', () => webhook(over)],
    ['event', () => event(over)],
  ])('over the limit: %s', async (_what, send) => expectRefused(await send(), 413, 'WB_BODY_TOO_LARGE'));

  it('over the limit without saying so beforehand', async () => {
    const answer = await rawRequest(ingress.port, (send) => {
      send(
        'POST /webhooks/shop HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
      );
      for (let n = 0; n < 20; n += 1) send(`400\r\n${'x'.repeat(1024)}\r\n`);
    });
    expect(parseRaw(answer)).toMatchObject({ status: 413, body: { code: 'WB_BODY_TOO_LARGE' } });
    expect(await ingress.stored()).toBe(storedBefore);
  });

  it.each(['{"a":', '', 'nonsense', '{"a":1}}', "{'a':1}", '{"a":NaN}', '\uFEFF{}'])('malformed: %j', async (body) => {
    await expectRefused(await webhook(body), 400, 'WB_MALFORMED_JSON');
    await expectRefused(await event(body), 400, 'WB_MALFORMED_JSON');
  });
  it('not UTF-8', async () => {
    const body = Buffer.concat([Buffer.from('{"eventType":"a.b","data":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);
    await expectRefused(await webhook(body), 400, 'WB_MALFORMED_JSON');
    await expectRefused(await event(body), 400, 'WB_MALFORMED_JSON');
  });
  it.each([
    '{"eventType":"a.b","data":1,"data":2}',
    '{"eventType":"a.b","d\\u0061ta":1,"data":2}',
    '{"eventType":"a.b","data":{"x":[{"y":1,"y":1}]}}',
  ])('with a key twice: %s', async (body) => {
    await expectRefused(await webhook(body), 400, 'WB_DUPLICATE_KEY');
    await expectRefused(await event(body), 400, 'WB_DUPLICATE_KEY');
  });
  it('nested too deeply', async () => {
    const body = `{"eventType":"a.b","data":${'['.repeat(4000)}${']'.repeat(4000)}}`;
    await expectRefused(await webhook(body), 400, 'WB_JSON_TOO_DEEP');
    await expectRefused(await event(body), 400, 'WB_JSON_TOO_DEEP');
  });
  it.each(['text/plain', 'application/x-www-form-urlencoded', 'text/xml', 'application/jsonx'])('of type %s', async (type) => {
    await expectRefused(await webhook('{}', { 'content-type': type }), 415, 'WB_MEDIA_TYPE');
    await expectRefused(await event('{"eventType":"a.b","data":1}', { 'content-type': type }), 415, 'WB_MEDIA_TYPE');
  });
  it.each(['application/json; charset=utf-8', 'application/cloudevents+json', 'APPLICATION/JSON'])('of type %s are taken', async (type) =>
    expect((await webhook('{}', { 'content-type': type })).status).toBe(202),
  );

  it.each([
    ['{"data":1}', ['eventType']],
    ['{"eventType":"a..b","data":1}', ['eventType']],
    ['{"eventType":"a.b"}', ['data']],
    ['{"eventType":"a.b","data":1,"timestamp":"yesterday"}', ['timestamp']],
    ['{"eventType":"a.b","data":1,"version":0,"orderingKey":""}', ['orderingKey', 'version']],
    ['{"eventType":"a.b","data":1,"oops":1}', ['oops']],
    ['[]', ['']],
  ])('that do not fit the schema: %s', async (body, paths) => {
    const reply = await event(body);
    await expectRefused(reply, 422, 'WB_SCHEMA_VIOLATION');
    const errors = reply.body['errors'] as { path: string; message: string }[];
    expect(errors.map(({ path }) => path)).toEqual(paths);
  });
});

describe('addresses', () => {
  it('an unknown source', async () =>
    expectRefused(await post('/webhooks/nobody', '{}', { ...json, ...signed('{}') }), 404, 'WB_SOURCE_UNKNOWN'));
  it('an unknown tenant', async () =>
    expectRefused(await ingress.call('POST', '/v1/tenants/nobody/events', { eventType: 'a.b', data: 1 }), 404, 'WB_TENANT_UNKNOWN'));
  it.each(['/nowhere', '/webhooks', '/v1/nothing', '/webhooks/a/b', `/webhooks/${'x'.repeat(300)}`])('an unknown path: %s', async (path) =>
    expectRefused(await ingress.call('POST', path, {}), 404, 'WB_NOT_FOUND'),
  );
  it('a broken escape in the path', async () => expectRefused(await ingress.call('POST', '/webhooks/%zz', {}), 400, 'WB_BAD_REQUEST'));
  it.each([
    ['GET', '/webhooks/shop'],
    ['DELETE', '/v1/tenants/acme'],
    ['PUT', '/openapi.json'],
    ['POST', '/health/ready'],
  ])('a wrong method: %s %s', async (method, path) => {
    const reply = await ingress.call(method, path);
    await expectRefused(reply, 405, 'WB_METHOD_NOT_ALLOWED');
    expect(reply.headers.get('allow')).not.toContain(method);
  });
});

describe('the management key', () => {
  const body = '{"eventType":"a.b","data":1}';
  it.each([
    {},
    { authorization: 'Bearer wrong' },
    { authorization: KEY },
    { authorization: `Basic ${KEY}` },
    { authorization: `Bearer ${KEY}x` },
  ])('is asked for: %j', async (headers) => {
    const reply = await post('/v1/tenants/acme/events', body, { ...json, ...headers });
    await expectRefused(reply, 401, 'WB_UNAUTHORIZED');
    expect(reply.headers.get('www-authenticate')).toBe('Bearer');
  });
  it.each(['/%76%31/tenants/acme/events', '/v1%2Ftenants/acme/events', '//v1/tenants/acme/events', '/V1/tenants/acme/events'])(
    'cannot be walked round by %s',
    async (path) => {
      const { status } = await post(path, body, json);
      expect([401, 404]).toContain(status);
      expect(await ingress.stored()).toBe(storedBefore);
    },
  );
});

describe('requests that are hardly requests', () => {
  const expectRaw = async (answer: string, status: number, code: string): Promise<void> => {
    expect(parseRaw(answer)).toMatchObject({ status, type: 'application/problem+json', body: { code } });
    expect(await ingress.stored()).toBe(storedBefore);
    expect((await fetch(`${ingress.url}/health/live`)).status).toBe(200);
  };

  it('10 MB of headers', async () => {
    const answer = await rawRequest(ingress.port, (send) => {
      send('POST /webhooks/shop HTTP/1.1\r\nhost: x\r\n');
      for (let n = 0; n < 160; n += 1) send(`x-${n}: ${'y'.repeat(65_536)}\r\n`);
      send('\r\n');
    });
    await expectRaw(answer, 431, 'WB_HEADERS_TOO_LARGE');
  });
  it.each([
    'NONSENSE\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    '\0\0\0\0\r\n\r\n',
    'POST /webhooks/shop HTTP/1.1\r\nhost: x\r\ncontent-length: abc\r\n\r\n',
  ])('broken HTTP: %j', async (bytes) => expectRaw(await rawRequest(ingress.port, (send) => void send(bytes)), 400, 'WB_BAD_REQUEST'));
  it('a length and chunks at once', async () => {
    const head = 'POST /webhooks/shop HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n';
    await expectRaw(await rawRequest(ingress.port, (send) => void send(head)), 400, 'WB_BAD_REQUEST');
  });
  it('headers that drip', async () => {
    const answer = await rawRequest(ingress.port, (send) => void send('POST /webhooks/shop HTTP/1.1\r\nhost: x\r\n'));
    await expectRaw(answer, 408, 'WB_REQUEST_TIMEOUT');
  });
  it('a body that drips, from many at once, does not stop others', async () => {
    const head = 'POST /webhooks/shop HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n';
    const drip = async (send: (bytes: string) => boolean): Promise<void> => {
      send(head);
      while (send('{')) await new Promise((resolve) => setTimeout(resolve, 50));
    };
    const slow = Array.from({ length: 50 }, () => rawRequest(ingress.port, drip));
    expect((await webhook('{"while":"others drip"}')).status).toBe(202);
    storedBefore += 1;
    for (const answer of await Promise.all(slow)) await expectRaw(answer, 408, 'WB_REQUEST_TIMEOUT');
  });
  it('a body that ends in the middle', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const socket = connect(ingress.port, '127.0.0.1', () => {
      socket.write('POST /webhooks/shop HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"a"');
      setTimeout(() => socket.destroy(), 50);
    });
    socket.on('close', () => resolve());
    await promise;
    expect((await webhook('{"still":"alive"}')).status).toBe(202);
    expect(await ingress.stored()).toBe(storedBefore + 1);
  });
});
