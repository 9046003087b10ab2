import { splitRawData, streamNames, subjects } from '@waybill/contracts';
import { connectBus } from '@waybill/transport';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type IngressUnderTest, REGION, type Reply, startUnderTest } from './testing/ingress-under-test.ts';

const OPERATOR = 'key-of-operators';
const url = 'https://receiver.test/hook';
const headers = { 'X-Api-Key': 'hush-hush' };
const one = '/v1/tenants/acme/endpoints/one';

let ingress: IngressUnderTest;
beforeAll(async () => {
  ingress = await startUnderTest({ OPERATOR_API_KEY: OPERATOR });
  for (const tenant of ['acme', 'beta']) {
    await ingress.call('PUT', `/v1/tenants/${tenant}`, {});
    for (const id of ['one', 'two'])
      await ingress.call('POST', `/v1/tenants/${tenant}/endpoints`, { id, url, headers, eventTypes: ['order.*'] });
  }
  await ingress.call('PATCH', '/v1/tenants/beta/endpoints/two', { region: REGION });
});
afterAll(() => ingress.cleanup());

const byOperator = (method: string, path: string, body?: unknown): Promise<Reply> =>
  ingress.call(method, path, body, { authorization: `Bearer ${OPERATOR}` });
const named = ({ body }: Reply): string[] => [body['data']].flat().map((row) => `${Object(row).tenantId}/${Object(row).id}`);

it('lists the endpoints of all tenants by pages, each with how it is', async () => {
  await ingress.call('POST', `${one}/secret/rotate`, {});
  const first = await byOperator('GET', '/v1/endpoints?limit=3');
  expect(named(first)).toEqual(['acme/one', 'acme/two', 'beta/one']);
  expect(first.body).toMatchObject({ done: false, iterator: '+beta.one' });
  const rest = await byOperator('GET', `/v1/endpoints?limit=3&iterator=${encodeURIComponent(String(first.body['iterator']))}`);
  expect([named(rest), rest.body['done']]).toEqual([['beta/two'], true]);
  expect(first.body['data']).toMatchObject([
    { url, health: null, secrets: { count: 2, oldestExpiresAt: expect.any(String) } },
    { secrets: { count: 1 } },
    {},
  ]);
  expect((await byOperator('GET', one)).body).toMatchObject({ url, health: null, secrets: { count: 2 } });
  expect(named(await byOperator('GET', '/v1/endpoints?tenantId=beta'))).toEqual(['beta/one', 'beta/two']);
  expect(named(await byOperator('GET', `/v1/endpoints?region=${REGION}`))).toEqual(['beta/two']);
  expect(named(await byOperator('GET', '/v1/endpoints?tenantId=none'))).toEqual([]);
  expect((await byOperator('GET', '/v1/endpoints?tenantId=%20')).status).toBe(422);
});

it('shows the values of headers to admins alone, and secrets to nobody', async () => {
  const paths = ['/v1/endpoints', '/v1/tenants/acme/endpoints', one];
  for (const path of paths) {
    const [admin, operator] = [await ingress.call('GET', path), await byOperator('GET', path)].map(({ body }) => JSON.stringify(body));
    expect([admin?.includes('hush-hush'), admin?.includes('whsec_')]).toEqual([true, false]);
    expect([operator?.includes('hush-hush'), operator?.includes('X-Api-Key'), operator?.includes('whsec_')]).toEqual([false, true, false]);
  }
  expect(JSON.stringify((await byOperator('POST', `${one}/resume`)).body)).not.toContain('hush-hush');
});

it('disables an endpoint and takes it up again, as often as it is asked', async () => {
  const paused = await byOperator('POST', `${one}/pause`, { reason: 'it is moved' });
  expect(paused).toMatchObject({ status: 200, body: { disabled: { reason: 'manual' } } });
  expect((await byOperator('POST', `${one}/pause`)).body).toEqual(paused.body);
  expect((await byOperator('POST', `${one}/test`)).body).toMatchObject({ status: 409, code: 'WB_ENDPOINT_DISABLED' });
  const resumed = await byOperator('POST', `${one}/resume`);
  expect(resumed.body).not.toHaveProperty('disabled');
  expect((await byOperator('POST', `${one}/resume`)).body).toEqual(resumed.body);
  for (const [path, body, status] of [
    [`${one}/pause`, { reason: '' }, 422],
    [`${one}/resume`, { why: 'x' }, 422],
    ['/v1/tenants/acme/endpoints/none/pause', {}, 404],
    ['/v1/tenants/none/endpoints/one/test', {}, 404],
    [`${one}/test`, { eventType: 'no blanks' }, 422],
  ] as const)
    expect((await byOperator('POST', path, body)).status, path).toBe(status);
});

it('sends a test to one endpoint alone, whatever that subscribes to', async () => {
  expect((await byOperator('POST', `${one}/test`)).status).toBe(202);
  // No number of JavaScript holds that one.
  const asWritten = '{ "n": 12345678901234567890 }';
  const answer = await fetch(`${ingress.url}${one}/test`, {
    method: 'POST',
    headers: { authorization: `Bearer ${OPERATOR}`, 'content-type': 'application/json' },
    body: `{"data": ${asWritten}}`,
  });
  const body: unknown = await answer.json();
  expect([answer.status, body]).toEqual([202, { id: expect.stringMatching(/^evt_/) }]);
  const bus = await connectBus({ servers: ingress.nats.url, name: 'test' });
  const filter = subjects.fact(REGION, 'g', 'event.accepted');
  const message = await bus.jsm.streams.getMessage(streamNames(REGION).log, { last_by_subj: filter });
  await bus.close();
  const { head, data } = splitRawData(message?.data ?? Buffer.alloc(0));
  expect(head).toMatchObject({ eventId: Object(body).id, eventType: 'waybill.test', source: 'test', onlyTo: 'one' });
  expect(data.toString()).toBe(asWritten);
});
