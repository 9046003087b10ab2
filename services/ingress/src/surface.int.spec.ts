import { splitRawData, streamNames, subjects } from '@waybill/contracts';
import { answerStatus, eventually, type Receiver, startReceiver } from '@waybill/testkit';
import { connectBus } from '@waybill/transport';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type IngressUnderTest, KEY, REGION, startUnderTest } from './testing/ingress-under-test.ts';
import { rawRequest } from './testing/raw-request.ts';

let projector: Receiver;
let traces: Receiver;
let ingress: IngressUnderTest;
beforeAll(async () => {
  projector = await startReceiver({
    answer: answerStatus(200, { 'content-type': 'application/json', 'x-inner': 'kept back' }, '{"data":[]}'),
  });
  traces = await startReceiver({ answer: answerStatus(200, { 'content-type': 'application/json' }, '{"spans":[]}') });
  ingress = await startUnderTest({ PROJECTOR_URL: projector.url, TRACES_URL: traces.url });
});
afterAll(async () => {
  await ingress.cleanup();
  await projector.close();
  await traces.close();
});

const url = 'https://receiver.test/hook';

describe('the registry', () => {
  it('of tenants', async () => {
    expect((await ingress.call('PUT', '/v1/tenants/t1', { name: 'One' })).status).toBe(201);
    expect((await ingress.call('PUT', '/v1/tenants/t1', { name: 'Uno' })).status).toBe(200);
    expect((await ingress.call('GET', '/v1/tenants/t1')).body).toMatchObject({ id: 't1', name: 'Uno' });
    expect((await ingress.call('GET', '/v1/tenants/none')).body).toMatchObject({ status: 404, code: 'WB_TENANT_UNKNOWN' });
  });

  it('lists by pages', async () => {
    for (const id of ['p1', 'p2', 'p3']) await ingress.call('PUT', `/v1/tenants/${id}`, {});
    const first = await ingress.call('GET', '/v1/tenants?limit=2&iterator=%2Bp');
    expect(first.body).toMatchObject({ data: [{ id: 'p1' }, { id: 'p2' }], done: false, iterator: '+p2' });
    expect((await ingress.call('GET', '/v1/tenants?limit=2&iterator=+p2')).body).toMatchObject({
      data: [{ id: 'p3' }, { id: 't1' }],
      done: true,
    });
    expect((await ingress.call('GET', '/v1/tenants?limit=0')).body).toMatchObject({
      code: 'WB_SCHEMA_VIOLATION',
      errors: [{ path: 'limit' }],
    });
  });

  it('of endpoints, from creation to removal', async () => {
    await ingress.call('PUT', '/v1/tenants/t2', {});
    const all = '/v1/tenants/t2/endpoints';
    const created = await ingress.call('POST', all, { url, eventTypes: ['order.*'] });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ id: expect.stringMatching(/^ep_/), url, eventTypes: ['order.*'] });
    expect(created.body).not.toHaveProperty('secrets');
    const one = `${all}/${String(created.body['id'])}`;
    const secret = await ingress.call('GET', `${one}/secret`);
    expect(secret.body).toEqual({ key: expect.stringMatching(/^whsec_/) });
    expect((await ingress.call('PATCH', one, { disabled: true })).body).toMatchObject({ disabled: { reason: 'manual' } });
    expect((await ingress.call('PATCH', one, { disabled: false })).body).not.toHaveProperty('disabled');
    const rotated = await ingress.call('POST', `${one}/secret/rotate`);
    expect(rotated.status).toBe(200);
    expect(rotated.body['key']).not.toBe(secret.body['key']);
    expect((await ingress.call('GET', `${one}/secret`)).body).toEqual(rotated.body);
    expect((await ingress.call('GET', all)).body).toMatchObject({ data: [{ id: created.body['id'] }], done: true });
    expect((await ingress.call('DELETE', one)).status).toBe(204);
    expect((await ingress.call('GET', one)).body).toMatchObject({ status: 404, code: 'WB_ENDPOINT_UNKNOWN' });
  });

  it('gives an id to one endpoint only', async () => {
    await ingress.call('PUT', '/v1/tenants/t3', {});
    const create = () => ingress.call('POST', '/v1/tenants/t3/endpoints', { id: 'mine', url });
    expect((await create()).status).toBe(201);
    expect((await create()).body).toMatchObject({ status: 409, code: 'WB_CONFLICT' });
  });

  it('of sources, never with a secret', async () => {
    await ingress.call('PUT', '/v1/tenants/t4', {});
    const body = { id: 's4', tenantId: 't4', verification: { kind: 'hmac', secret: 'hush-hush', header: 'X-Sig' } };
    const replies = [
      await ingress.call('POST', '/v1/sources', body),
      await ingress.call('POST', '/v1/sources', body),
      await ingress.call('PUT', '/v1/sources/s4', { ...body, name: 'N' }),
      await ingress.call('PATCH', '/v1/sources/s4', { name: 'M' }),
      await ingress.call('GET', '/v1/sources/s4'),
      await ingress.call('GET', '/v1/sources'),
    ];
    expect(replies.map(({ status }) => status)).toEqual([201, 200, 200, 200, 200, 200]);
    expect(JSON.stringify(replies.map((reply) => reply.body))).not.toContain('hush-hush');
    expect((await ingress.call('POST', '/v1/sources', body)).body).toMatchObject({ status: 409, code: 'WB_CONFLICT' });
    expect((await ingress.call('DELETE', '/v1/sources/s4')).status).toBe(204);
    expect((await ingress.call('GET', '/v1/sources/s4')).body).toMatchObject({ status: 404, code: 'WB_SOURCE_UNKNOWN' });
    expect((await ingress.call('POST', '/v1/sources', { ...body, verification: { kind: 'none' } })).body).toMatchObject({
      status: 422,
      code: 'WB_VERIFICATION_NONE_REFUSED',
    });
  });

  it('survives a restart', async () => {
    await ingress.call('PUT', '/v1/tenants/t5', {});
    await ingress.restart();
    expect((await ingress.call('GET', '/v1/tenants/t5')).status).toBe(200);
  });
});

it('stores the payload byte by byte', async () => {
  await ingress.call('PUT', '/v1/tenants/t6', {});
  const raw = '{ "total": 1.0, "big": 12345678901234567890, "text": "\\u00e9 é" ,"e":1E3}';
  const { body } = await ingress.call('POST', '/v1/tenants/t6/events', `{"eventType":"a.b","data" : ${raw}\n,"orderingKey":"o"}`);
  const bus = await connectBus({ servers: ingress.nats.url, name: 'test' });
  const filter = subjects.fact(REGION, 'g', 'event.accepted');
  const message = await bus.jsm.streams.getMessage(streamNames(REGION).log, { last_by_subj: filter });
  await bus.close();
  const { head, data } = splitRawData(message?.data ?? Buffer.alloc(0));
  expect(data.toString()).toBe(raw);
  expect(head).toMatchObject({ eventId: body['id'], version: 3, minCompatible: 2, orderingKey: 'o', source: 'api' });
});

describe('without a GitHub App', () => {
  it('its webhooks and what is known of it are refused, with what to set', async () => {
    for (const reply of [await ingress.call('POST', '/webhooks/github', {}), await ingress.call('GET', '/admin/github')])
      expect(reply.body).toMatchObject({ status: 404, code: 'WB_GITHUB_OFF', remedy: expect.stringContaining('GITHUB_APP_ID') });
    expect((await ingress.call('POST', '/webhooks/github', 'x'.repeat(2_000_000))).body).toMatchObject({ code: 'WB_BODY_TOO_LARGE' });
    const { body } = await ingress.call('GET', '/health/ready');
    expect(body).not.toHaveProperty('dependencies.github');
  });

  it('no source may have its name', async () => {
    await ingress.call('PUT', '/v1/tenants/t7', {});
    const body = { tenantId: 't7', verification: { kind: 'hmac', secret: 'hush', header: 'X-Sig' } };
    const posted = await ingress.call('POST', '/v1/sources', { id: 'github', ...body });
    const put = await ingress.call('PUT', '/v1/sources/github', body);
    for (const reply of [posted, put])
      expect(reply.body).toMatchObject({
        status: 422,
        code: 'WB_SCHEMA_VIOLATION',
        errors: [{ path: 'id', message: expect.stringContaining('taken') }],
      });
    expect((await ingress.call('POST', '/v1/sources', { id: 'demo-github', ...body })).status).toBe(201);
  });
});

describe('what the projector answers', () => {
  it.each([
    '/v1/events?limit=5&eventType=a.b',
    '/v1/deliveries/dlv_1',
    '/v1/attempts',
    '/v1/dead-letters',
    '/v1/dispatches?repository=acme%2Fweb&limit=5',
    '/v1/dispatches/evt_1',
    '/v1/stats/deliveries/hourly',
  ])('is passed through: %s', async (path) => {
    const reply = await ingress.call('GET', path);
    expect([reply.status, reply.body]).toEqual([200, { data: [] }]);
    expect(reply.headers.get('x-inner')).toBeNull();
    const asked = projector.requests.at(-1);
    expect(asked?.path).toBe(path);
    expect(asked?.headers).not.toHaveProperty('authorization');
  });
  it('needs the key', async () => {
    expect((await fetch(`${ingress.url}/v1/events`)).status).toBe(401);
  });
  it('passes errors on', async () => {
    projector.answerWith(answerStatus(404, { 'content-type': 'application/problem+json' }, '{"code":"WB_NOT_FOUND"}'));
    expect(await ingress.call('GET', '/v1/events/evt_none')).toMatchObject({ status: 404, body: { code: 'WB_NOT_FOUND' } });
  });
  it('is missing when the projector is away, while events are still accepted', async () => {
    await projector.close();
    const reply = await ingress.call('GET', '/v1/events');
    expect(reply.body).toMatchObject({ status: 503, code: 'WB_PROJECTOR_AWAY' });
    expect(reply.headers.get('retry-after')).toBe('2');
    expect((await ingress.call('POST', '/v1/tenants/t1/events', { eventType: 'a.b', data: 1 })).status).toBe(202);
  });
});

it('shows a trace as the trace store does, and is ready without it', async () => {
  expect(await ingress.call('GET', '/v1/traces/a%2Fb')).toMatchObject({ status: 200, body: { spans: [] } });
  expect(traces.requests.at(-1)?.path).toBe('/traces/a%2Fb');
  expect((await fetch(`${ingress.url}/v1/traces/x`)).status).toBe(401);
  await traces.close();
  expect(await ingress.call('GET', '/v1/traces/x')).toMatchObject({ status: 503, body: { code: 'WB_TRACES_AWAY' } });
  const told = {
    status: 200,
    body: { dependencies: { traces: { ok: false, detail: expect.stringContaining('events are still accepted') } } },
  };
  await vi.waitFor(async () => expect(await ingress.call('GET', '/health/ready')).toMatchObject(told), { timeout: 30_000, interval: 100 });
});

it('drains: whatever was stored was also answered, and whatever came too late was not stored', async () => {
  const storedBefore = await ingress.stored();
  const sends = Array.from({ length: 50 }, () => ingress.call('POST', '/v1/tenants/t1/events', { eventType: 'a.b', data: 1 }));
  const settled = Promise.allSettled(sends);
  await Promise.race(sends);
  await ingress.restart();
  const statuses = (await settled).map((result) => (result.status === 'fulfilled' ? result.value.status : 'not connected'));
  expect(statuses.filter((status) => status !== 202 && status !== 503 && status !== 'not connected')).toEqual([]);
  expect(statuses.filter((status) => status === 202)).toHaveLength((await ingress.stored()) - storedBefore);
});

describe('/metrics', () => {
  const shown = async (): Promise<string> => (await fetch(`${ingress.url}/metrics`)).text();
  const seriesOf = (text: string): string[] => text.split('\n').flatMap((line) => /^waybill_[^ ]+/.exec(line)?.[0] ?? []);

  it('is shown without a key, and counts neither itself nor who is asked for what', async () => {
    await ingress.call('PUT', '/v1/tenants/counted', {});
    const before = await shown();
    expect((await ingress.call('POST', '/v1/tenants/counted/events', { eventType: 'a.b', data: 1 })).status).toBe(202);
    const countOf = (text: string): number => Number(/^waybill_webhooks_accepted_total\{.*door="api"\} (\d+)$/m.exec(text)?.[1]);
    await eventually(async () => countOf(await shown()) === countOf(before) + 1);
    expect((await ingress.call('POST', '/metrics')).body).toMatchObject({ status: 405, code: 'WB_METHOD_NOT_ALLOWED' });
  });

  it('has as many series after 10,000 tenants and 10,000 sources as before', async () => {
    const before = seriesOf(await shown());
    expect(before.length).toBeGreaterThan(50);
    const request = (path: string, more = ''): string =>
      `POST ${path} HTTP/1.1\r\nhost: ingress\r\nauthorization: Bearer ${KEY}\r\ncontent-length: 2\r\n${more}\r\n{}`;
    const last = request('/webhooks/flood-last', 'connection: close\r\n');
    let answered = 0;
    // Many in one go and on few connections: a client for each would take most of the time.
    for (let first = 0; first < 10_000; first += 500) {
      const flood = Array.from({ length: 500 }, (_, at) => first + at).map(
        (n) => request(`/v1/tenants/flood-${n}/events`) + request(`/webhooks/flood-${n}`),
      );
      const answers = await rawRequest(ingress.port, (send) => void send(flood.join('') + last));
      answered += answers.match(/HTTP\/1.1 404 /g)?.length ?? 0;
    }
    expect(answered).toBe(20_020);
    const text = await shown();
    expect(seriesOf(text)).toEqual(before);
    expect(text).not.toContain('flood');
    const refused = [...text.matchAll(/^waybill_webhooks_refused_total\{.*status="404"\} (\d+)$/gm)].map(([, count]) => Number(count));
    expect(refused.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(20_000);
  }, 180_000);
});
