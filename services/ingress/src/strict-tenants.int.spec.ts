import { eventually } from '@waybill/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawRequest, parseRaw } from './testing/raw-request.ts';
import { KEY } from './testing/ingress-under-test.ts';
import { EU, startTwoRegions, type TwoRegions, US } from './testing/two-regions.ts';

const strict = { placement: { home: EU, residency: 'strict' } };
const secret = 'hush-of-the-strict';
const verification = { kind: 'hmac', secret, header: 'X-Sig' };
const url = 'https://receiver.test/strict-hook';

const lately = { from: new Date(0).toISOString(), to: new Date().toISOString(), destinations: 'then', reason: 'why not' };

let regions: TwoRegions;
beforeAll(async () => {
  regions = await startTwoRegions();
  await regions.eu('PUT', '/v1/tenants/safe', { name: 'Safe Inc', ...strict });
  await regions.eu('POST', '/v1/tenants/safe/endpoints', { id: 'only', url });
  await regions.eu('POST', '/v1/sources', { id: 'safe-shop', tenantId: 'safe', verification });
  await regions.us('PUT', '/v1/tenants/open', {});
  await eventually(async () => (await regions.us('GET', '/v1/tenants/safe')).status === 421);
  await eventually(async () => (await regions.us('GET', '/v1/sources/safe-shop')).status === 421);
  await eventually(async () => (await regions.eu('GET', '/v1/tenants/open')).status === 200);
});
afterAll(() => regions.cleanup());

describe('at a foreign ingress', () => {
  const event = { eventType: 'order.paid', data: { card: 'strictly secret' } };
  it.each([
    ['GET', '/v1/tenants/safe', undefined],
    ['PUT', '/v1/tenants/safe', strict],
    ['PUT', '/v1/tenants/safe', {}],
    ['GET', '/v1/tenants/safe/endpoints?limit=5', undefined],
    ['POST', '/v1/tenants/safe/endpoints', { url }],
    ['GET', '/v1/tenants/safe/endpoints/only/secret', undefined],
    ['PATCH', '/v1/tenants/safe/endpoints/only', {}],
    ['DELETE', '/v1/tenants/safe/endpoints/only', undefined],
    ['POST', '/v1/tenants/safe/events', event],
    ['POST', '/webhooks/safe-shop', event],
    ['PUT', '/v1/sources/safe-shop', { tenantId: 'open', verification }],
    ['DELETE', '/v1/sources/safe-shop', undefined],
    ['POST', '/v1/sources', { id: 'another', tenantId: 'safe', verification }],
    ['PUT', '/v1/sources/another', { tenantId: 'safe', verification }],
    ['PUT', '/v1/tenants/later', strict],
    ['POST', '/v1/dead-letters/redrive', { filter: { tenantId: 'safe' }, reason: 'why not' }],
    ['POST', '/v1/dead-letters/discard', { filter: { tenantId: 'safe' }, reason: 'why not' }],
    ['POST', '/v1/replays', { ...lately, tenantId: 'safe' }],
  ])('%s %s is answered 421 with the address, and nothing is stored', async (method, path, body) => {
    const before = [await regions.everythingIn(US, 'log'), await regions.everythingIn(US, 'registry')];
    const reply = await regions.us(method, path, body);
    const there = regions.url(EU) + path;
    expect(reply.status).toBe(421);
    expect(reply.body).toMatchObject({ status: 421, code: 'WB_MISDIRECTED', region: EU, url: there });
    expect(reply.headers.get('location')).toBe(there);
    expect([await regions.everythingIn(US, 'log'), await regions.everythingIn(US, 'registry')]).toEqual(before);
  });

  it('is answered before the body was sent', async () => {
    const answer = await rawRequest(Number(new URL(regions.url(US)).port), (send) => {
      send(
        `POST /v1/tenants/safe/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\ncontent-length: 900000\r\nconnection: close\r\n\r\n{`,
      );
    });
    expect(parseRaw(answer)).toMatchObject({ status: 421, body: { code: 'WB_MISDIRECTED' } });
  });

  it('tells strangers nothing: without the key it is 401', async () => {
    expect((await regions.us('GET', '/v1/tenants/safe', undefined, { authorization: 'Bearer wrong' })).status).toBe(401);
  });
});

describe('at home', () => {
  it('events and what they belong to stay; only the route is replicated', async () => {
    const sent = await regions.eu('POST', '/v1/tenants/safe/events', { eventType: 'order.paid', data: { card: 'strictly secret' } });
    expect(sent.status).toBe(202);
    const open = await regions.eu('POST', '/v1/tenants/open/events', { eventType: 'order.paid', data: { card: 'open secret' } });
    await eventually(async () => (await regions.everythingIn(US, 'peers')).some((message) => message.includes(String(open.body['id']))));
    const log = await regions.everythingIn(EU, 'log');
    expect(log.filter((message) => message.includes(String(sent.body['id']))).map((message) => message.split(' ')[0])).toEqual([
      `wb.${EU}.l.event.accepted`,
    ]);
    const leaked = /Safe Inc|strict-hook|hush-of|strictly secret|whsec_/;
    const home = await regions.everythingIn(EU, 'registry');
    expect(home.filter((message) => leaked.test(message)).every((message) => message.includes(`.${EU}.l.`))).toBe(true);
    const abroad = [...(await regions.everythingIn(US, 'registry')), ...(await regions.everythingIn(US, 'peers'))];
    expect(abroad.filter((message) => leaked.test(message))).toEqual([]);
    expect(abroad.filter((message) => message.includes('safe')).map((message) => message.split(' ')[0])).toEqual([
      `$KV.registry.${EU}.route.tenant.safe`,
      `$KV.registry.${EU}.route.source.safe-shop`,
    ]);
  });

  it('its jobs and what is done about it stay', async () => {
    const [from, to] = [Date.now() - 1_000, Date.now()].map((ms) => new Date(ms).toISOString());
    expect((await regions.eu('POST', '/v1/replays', { ...lately, from, to, tenantId: 'safe' })).status).toBe(201);
    const { body } = await regions.eu('PUT', '/v1/pauses/after', { owner: 'acme', reason: 'to see that copies come' });
    await eventually(async () => (await regions.everythingIn(US, 'peers')).some((message) => message.includes('/v1/pauses/:pauseId')));
    expect(body).toMatchObject({ id: 'after' });
    const log = await regions.everythingIn(EU, 'log');
    const mine = log.filter((message) => message.includes('"safe"') || message.includes('/v1/replays'));
    expect(new Set(mine.map((message) => message.split('.')[2]))).toEqual(new Set(['l']));
    expect((await regions.everythingIn(US, 'peers')).filter((message) => message.includes('safe'))).toEqual([]);
  });

  it('the residency cannot change', async () => {
    for (const placement of [undefined, { home: EU }, { home: US, residency: 'strict' }]) {
      const reply = await regions.eu('PUT', '/v1/tenants/safe', { placement });
      expect(reply.body).toMatchObject({ status: 409, code: 'WB_PLACEMENT_FIXED' });
    }
    expect((await regions.eu('PUT', '/v1/tenants/open', strict)).body).toMatchObject({ status: 409, code: 'WB_PLACEMENT_FIXED' });
    expect((await regions.eu('PUT', '/v1/tenants/safe', { name: 'Safer Inc', ...strict })).status).toBe(200);
  });

  it('an endpoint may name no other region', async () => {
    const reply = await regions.eu('POST', '/v1/tenants/safe/endpoints', { url, region: US });
    expect(reply.body).toMatchObject({ code: 'WB_SCHEMA_VIOLATION', errors: [{ path: 'region' }] });
  });

  it('the route of a source goes with it', async () => {
    await regions.eu('POST', '/v1/sources', { id: 'short', tenantId: 'safe', verification });
    await eventually(async () => (await regions.us('GET', '/v1/sources/short')).status === 421);
    expect((await regions.eu('DELETE', '/v1/sources/short')).status).toBe(204);
    await eventually(async () => (await regions.us('GET', '/v1/sources/short')).status === 404);
    expect((await regions.us('POST', '/v1/sources', { id: 'short', tenantId: 'open', verification })).status).toBe(201);
  });
});
