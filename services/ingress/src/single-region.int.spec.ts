import { eventually } from '@waybill/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type IngressUnderTest, REGION, startUnderTest } from './testing/ingress-under-test.ts';

let ingress: IngressUnderTest;
beforeAll(async () => {
  ingress = await startUnderTest();
});
afterAll(() => ingress.cleanup());

const put = (id: string, placement: unknown) => ingress.call('PUT', `/v1/tenants/${id}`, { placement });

it('takes placements at home and refuses others, naming the regions there are', async () => {
  expect((await put('t1', { home: REGION })).body).toMatchObject({ placement: { home: REGION, residency: 'replicated' } });
  const refused = await put('t2', { home: 'eu' });
  expect(refused.body).toMatchObject({ status: 422, code: 'WB_SCHEMA_VIOLATION', errors: [{ path: 'placement.home' }] });
  expect(String(refused.body['detail'])).toContain(`there are ${REGION}`);
  expect((await put('t2', { homee: 'x' })).body).toMatchObject({ code: 'WB_SCHEMA_VIOLATION' });
  expect((await ingress.call('GET', '/v1/tenants/t2')).status).toBe(404);
});

it('serves strict tenants, whose events stay in the local scope', async () => {
  expect((await put('safe', { home: REGION, residency: 'strict' })).status).toBe(201);
  expect((await ingress.call('POST', '/v1/tenants/safe/events', { eventType: 'a.b', data: 1 })).status).toBe(202);
  expect((await put('safe', undefined)).body).toMatchObject({ status: 409, code: 'WB_PLACEMENT_FIXED' });
});

it('shows itself, where it listens, and moves or drains nothing', async () => {
  const regions = async (): Promise<unknown> => (await ingress.call('GET', '/v1/regions')).body;
  await eventually(async () => JSON.stringify(await regions()).includes('"url"'));
  expect(await regions()).toEqual({
    data: [{ id: REGION, cloudRegion: REGION, url: ingress.url, state: 'active', share: 100, epoch: 0, isSelf: true }],
    control: { ok: true, detail: expect.any(String) },
  });
  const order = { reason: 'test' };
  for (const path of [`failover/${REGION}`, `regions/${REGION}/drain`, `regions/${REGION}/activate`])
    expect((await ingress.call('POST', `/admin/${path}`, order)).body).toMatchObject({ status: 409, code: 'WB_REGION_STATE' });
});

it('tells its address anew when it has changed', async () => {
  await ingress.restart({ PUBLIC_URL: 'https://hooks.example.com/in/' });
  const url = async (): Promise<string> => JSON.stringify((await ingress.call('GET', '/v1/regions')).body);
  await eventually(async () => (await url()).includes('"url":"https://hooks.example.com/in/"'));
});
