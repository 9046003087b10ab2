import { HUB } from '@waybill/nats-server';
import { eventually } from '@waybill/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeDispatcher, startFakeDispatcher } from './testing/fake-dispatcher.ts';
import type { Reply } from './testing/ingress-under-test.ts';
import { EU, startTwoRegions, type TwoRegions, US } from './testing/two-regions.ts';

let regions: TwoRegions;
let dispatchers: Record<typeof US | typeof EU, FakeDispatcher>;

const startDispatcher = async (region: string): Promise<FakeDispatcher> =>
  startFakeDispatcher(await regions.bus(region, 'dispatcher'), region);
const show = async (region: string): Promise<Record<string, unknown>> => {
  const { body } = await regions.us('GET', '/v1/regions');
  const data: unknown[] = Array.isArray(body['data']) ? body['data'] : [];
  return Object(data.find((one) => Object(one).id === region));
};
const isIn = (region: string, state: string): Promise<void> => eventually(async () => (await show(region))['state'] === state);
const failover = (region: string, body: object): Promise<Reply> =>
  regions.us('POST', `/admin/failover/${region}`, { reason: 'test', ...body });
const activate = (region: string, body: object = {}): Promise<Reply> =>
  regions.us('POST', `/admin/regions/${region}/activate`, { reason: 'test', ...body });
const stepsOf = ({ body }: Reply): string[] => {
  const steps: unknown[] = Array.isArray(body['steps']) ? body['steps'] : [];
  return steps.map((one) => `${Object(one).ok === true ? '' : 'not '}${String(Object(one).step)}`);
};
const factsOf = async (region: string): Promise<string[]> =>
  (await regions.everythingIn(US, 'log')).filter(
    (message) => message.startsWith(`wb.${US}.g.region.changed`) && message.includes(`"region":"${region}"`),
  );

beforeAll(async () => {
  regions = await startTwoRegions();
  dispatchers = { [US]: await startDispatcher(US), [EU]: await startDispatcher(EU) };
});
afterAll(async () => {
  for (const dispatcher of Object.values(dispatchers)) dispatcher.stop();
  await regions.cleanup();
});
beforeEach(async () => {
  await isIn(US, 'active');
  await isIn(EU, 'active');
});

it('shows all regions with their addresses, leases and reports', async () => {
  await eventually(async () => (await show(EU))['report'] !== undefined && (await show(EU))['url'] !== undefined);
  const { body } = await regions.us('GET', '/v1/regions');
  expect(body['control']).toEqual({ ok: true });
  const report = { queueDepth: 3, inFlight: 2, errorRate: 0, spilling: false, lagMs: {} };
  const common = { state: 'active', share: 100, epoch: 1, how: 'automatic', why: 'first start', leaseAgeMs: expect.any(Number), report };
  expect(body['data']).toMatchObject([
    { id: US, cloudRegion: `cloud-${US}`, url: regions.url(US), isSelf: true, who: US, ...common },
    { id: EU, cloudRegion: `cloud-${EU}`, url: regions.url(EU), isSelf: false, who: EU, ...common },
  ]);
});

describe('a failover is refused, and nothing changes', () => {
  it.each([
    ['for a region that is not known', 'mars', {}, '404 WB_REGION_UNKNOWN'],
    ['to the region itself', EU, { to: EU }, '422 WB_SCHEMA_VIOLATION'],
    ['to a region that is not known', EU, { to: 'mars' }, '422 WB_SCHEMA_VIOLATION'],
    ['without a reason', EU, { reason: ' ' }, '422 WB_SCHEMA_VIOLATION'],
    ['with a field that is not known', EU, { forced: true }, '422 WB_SCHEMA_VIOLATION'],
  ])('%s', async (_name, region, body, refused) => {
    const reply = await failover(region, body);
    expect(`${reply.status} ${String(reply.body['code'])}`).toBe(refused);
    expect(await show(EU)).toMatchObject({ state: 'active', epoch: 1 });
  });

  it('without the key', async () => {
    const reply = await regions.us('POST', `/admin/failover/${EU}`, { reason: 'x' }, { authorization: 'Bearer no' });
    expect(reply.status).toBe(401);
  });
});

it('tells what a failover would do, and does nothing', async () => {
  const tenants = { any: {}, 'at-home': { home: EU }, 'of-us': { home: US }, fixed: { home: EU, failover: [] } };
  for (const [id, placement] of Object.entries(tenants)) await regions.us('PUT', `/v1/tenants/${id}`, { placement });
  await regions.us('POST', '/v1/tenants/of-us/endpoints', { url: 'https://receiver.test/hook', region: EU });
  await regions.eu('PUT', '/v1/tenants/strict', { placement: { home: EU, residency: 'strict' } });
  await eventually(async () => (await regions.us('GET', '/v1/tenants/strict')).status === 421);
  const { body } = await failover(EU, { dryRun: true });
  const moved = ['any', 'at-home', 'of-us'].map((tenantId) => ({ tenantId, to: US }));
  expect(body).toMatchObject({ region: EU, dryRun: true });
  expect(body['moves']).toHaveLength(3);
  expect(body['moves']).toEqual(expect.arrayContaining(moved));
  expect(body['stays']).toEqual([
    { tenantId: 'fixed', because: 'no_failover' },
    { tenantId: 'strict', because: 'strict' },
  ]);
  expect(await show(EU)).toMatchObject({ state: 'active', epoch: 1 });
  expect(await factsOf(EU)).toEqual([]);
});

it('drains, waits, looks who stands in, and lets the region come back', async () => {
  const reply = await failover(EU, { to: US });
  expect(reply.status).toBe(200);
  expect(stepsOf(reply)).toEqual(['verified', 'draining', 'drained', 'taken over']);
  const { epoch } = await show(EU);
  expect(reply.body['record']).toMatchObject({
    region: EU,
    state: 'drained',
    share: 0,
    to: US,
    who: 'management-key',
    why: 'test',
    how: 'manual',
    epoch,
  });
  expect((await failover(US, {})).body).toMatchObject({ status: 409, code: 'WB_REGION_STATE' });
  expect((await failover(EU, {})).body).toMatchObject({ status: 409, code: 'WB_REGION_STATE' });
  expect((await regions.us('POST', `/admin/regions/${EU}/drain`, { reason: 'test' })).body).toMatchObject({ code: 'WB_REGION_STATE' });

  expect((await activate(EU)).body['record']).toMatchObject({ state: 'recovering', share: 0, to: US });
  const done = await activate(EU, { force: true });
  expect(done.body['record']).toMatchObject({ state: 'active', share: 100 });
  expect(done.body['record']).not.toHaveProperty('to');
  expect((await activate(EU, { force: true })).body).toMatchObject({ code: 'WB_REGION_STATE' });
  const facts = (await factsOf(EU)).map((fact) => /"state":"(\w+)"/.exec(fact)?.[1]);
  expect(facts).toEqual(['draining', 'recovering', 'active']);
});

it('drains without waiting, and a failover that is asked for then waits for the rest', async () => {
  dispatchers[EU].obeys = false;
  const reply = await regions.us('POST', `/admin/regions/${EU}/drain`, { reason: 'maintenance' });
  expect(reply.body['record']).toMatchObject({ state: 'draining', share: 0, why: 'maintenance' });
  const waiting = failover(EU, {});
  dispatchers[EU].obeys = true;
  expect(stepsOf(await waiting)).toEqual(['verified', 'draining', 'drained', 'taken over']);
  await activate(EU, { force: true });
});

it('a stop of the ingress ends the wait, and the failover can be taken up elsewhere', async () => {
  dispatchers[EU].obeys = false;
  const waiting = failover(EU, {});
  await isIn(EU, 'draining');
  await regions.restart(US);
  expect((await waiting).body).toMatchObject({ status: 503, code: 'WB_NOT_READY' });
  expect(stepsOf(await waiting)).toEqual(['verified', 'draining', 'not drained']);
  dispatchers[EU].obeys = true;
  const resumed = await regions.eu('POST', `/admin/failover/${EU}`, { reason: 'test' });
  expect(resumed.body['record']).toMatchObject({ state: 'drained' });
  await activate(EU, { force: true });
});

describe('a region that does not renew its lease', () => {
  it('cannot be drained; while it answers it may still deliver, and force declares it failed', async () => {
    const { epoch } = await show(EU);
    dispatchers[EU].stop();
    const unsafe = await failover(EU, {});
    expect(unsafe.body).toMatchObject({ status: 409, code: 'WB_FAILOVER_UNSAFE' });
    expect(stepsOf(unsafe)).toEqual(['verified', 'draining', 'not drained']);
    const forced = await failover(EU, { force: true });
    expect(stepsOf(forced)).toEqual(['verified', 'failed', 'taken over']);
    expect(forced.body['record']).toMatchObject({ state: 'failed', share: 0, forced: true, how: 'manual', epoch: Number(epoch) + 2 });
    await activate(EU, { force: true });

    await regions.stop(EU);
    const silent = await failover(EU, {});
    expect(silent.body).toMatchObject({ status: 409, code: 'WB_REGION_STATE' });
    expect(String(silent.body['detail'])).toContain('"force": true');
    expect((await failover(EU, { force: true })).status).toBe(200);
    await activate(EU, { force: true });
    await regions.restart(EU);
    dispatchers[EU] = await startDispatcher(EU);
  });
});

it('without the hub it shows what was known and says so; orders are refused', async () => {
  for (const server of regions.servers.servers(HUB)) await server.kill();
  const control = async (): Promise<unknown> => (await regions.us('GET', '/v1/regions')).body['control'];
  await eventually(async () => Object(await control()).ok === false);
  expect(await control()).toEqual({ ok: false, detail: expect.any(String) });
  expect(await show(EU)).toMatchObject({ id: EU, state: 'active' });
  expect(await show(EU)).not.toHaveProperty('leaseAgeMs');
  expect((await regions.us('GET', '/health/ready')).status).toBe(200);
  for (const reply of [await failover(EU, {}), await failover(EU, { dryRun: true }), await activate(EU)])
    expect(reply.body).toMatchObject({ status: 503, code: 'WB_CONTROL_AWAY' });
  for (const server of regions.servers.servers(HUB)) await server.restart();
  await eventually(async () => Object(await control()).ok === true, 40_000);
});
