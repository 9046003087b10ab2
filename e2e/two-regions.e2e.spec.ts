import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answerStatus, eventually, type Receiver, startReceiver } from '@waybill/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { followsAWebhook, SOURCE_SECRET } from './main-path.fixture.ts';
import { showsATrace } from './traces.fixture.ts';
import { filesWith } from './stored-bytes.fixture.ts';
import { badLines, catalogued, complaintsAbout, everythingTold, exposedIn, ownSecrets, tellersOf } from './telling.fixture.ts';
import { callApi, LocalStack, TRACED } from './stack.fixture.ts';

const created = z.object({ id: z.string() });
const [US, EU] = ['us-central1', 'europe-west1'] as const;
/** Occurs nowhere by chance. */
const SECRET_WORD = 'strictly-at-home-4711';
const PAYLOAD = 'copied-everywhere-0815';

describe('two regions', () => {
  let stack: LocalStack;
  let receiver: Receiver;

  const at = async (region: string, method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> => {
    const { adminKey, regions } = await stack.state();
    const url = regions.find(({ id }) => id === region)?.url ?? '';
    return callApi(url, adminKey, { method, path, body });
  };
  const send = async (region: string, tenant: string, data: object): Promise<string> =>
    created.parse((await at(region, 'POST', `/v1/tenants/${tenant}/events`, { eventType: 'order.paid', data })).body).id;
  const deliveredIn = async (region: string, id: string): Promise<string | undefined> => {
    const story = z
      .object({ deliveries: z.array(z.looseObject({ state: z.string(), region: z.string() })) })
      .safeParse((await at(region, 'GET', `/v1/events/${id}`)).body);
    return story.data?.deliveries.find(({ state }) => state === 'delivered')?.region;
  };
  const known = (region: string, path: string): Promise<void> => eventually(async () => (await at(region, 'GET', path)).status === 200);

  beforeAll(async () => {
    receiver = await startReceiver();
    stack = await LocalStack.create(TRACED);
    const { code, stderr } = await stack.up();
    if (code !== 0) throw new Error(stderr);
  });
  afterAll(async () => {
    await stack.destroy();
    await receiver.close();
  });

  followsAWebhook(() => ({ stack, receiver }));

  it('show themselves in a table, both active', async () => {
    await eventually(async () => (await stack.cli('regions', '--once')).stdout.match(/active/g)?.length === 2);
    const { stdout } = await stack.cli('regions', '--once');
    expect(stdout).toMatch(/us-central1 +active +100 %/);
    expect(stdout).toMatch(/europe-west1 +active +100 %/);
  });

  it('know what was registered in the other one, and deliver where the endpoint is pinned', async () => {
    await at(US, 'PUT', '/v1/tenants/acme', { name: 'Acme' });
    await at(US, 'POST', '/v1/tenants/acme/endpoints', { id: 'here', url: `${receiver.url}/here` });
    await at(US, 'POST', '/v1/tenants/acme/endpoints', { id: 'there', url: `${receiver.url}/there`, region: EU });
    await known(EU, '/v1/tenants/acme/endpoints/there');
    const id = await send(US, 'acme', { pinned: true });
    await eventually(() => receiver.requests.filter(({ headers }) => headers['webhook-id'] === id).length === 2);
    const story = async (region: string): Promise<string> => JSON.stringify((await at(region, 'GET', `/v1/events/${id}`)).body);
    for (const region of [US, EU]) {
      await eventually(async () => ((await story(region)).match(/"state":"delivered"/g)?.length ?? 0) === 2);
      expect(await story(region)).toContain(EU);
    }
  });

  showsATrace(() => ({ stack, receiver }));

  it('deliver where the tenant has its home, whoever accepted', async () => {
    await at(EU, 'PUT', '/v1/tenants/homed', { placement: { home: EU } });
    await at(EU, 'POST', '/v1/tenants/homed/endpoints', { url: `${receiver.url}/homed` });
    await known(US, '/v1/tenants/homed');
    const id = await send(US, 'homed', {});
    await eventually(async () => (await deliveredIn(US, id)) === EU);
  });

  it('give the events of a tenant without endpoints to the region’s webhook_url', async () => {
    await at(US, 'PUT', '/v1/tenants/bare', {});
    const id = await send(US, 'bare', {});
    await eventually(async () => (await deliveredIn(US, id)) === US);
  });

  it('keep a strict tenant at home: not a byte of it is in the other region', async () => {
    const placement = { home: US, residency: 'strict' };
    expect((await at(US, 'PUT', '/v1/tenants/strict-one', { name: SECRET_WORD, placement })).status).toBe(201);
    const endpoint = { id: `ep-${SECRET_WORD}`, url: `${receiver.url}/${SECRET_WORD}` };
    expect((await at(US, 'POST', '/v1/tenants/strict-one/endpoints', endpoint)).status).toBe(201);
    const verification = { kind: 'hmac', secret: SECRET_WORD, header: 'x-signature' };
    expect((await at(US, 'POST', '/v1/sources', { id: 'strict-source', tenantId: 'strict-one', verification })).status).toBe(201);
    const id = await send(US, 'strict-one', { word: SECRET_WORD });
    await eventually(async () => (await deliveredIn(US, id)) === US);
    const failing = { id: 'failing', url: `${receiver.url}/fail`, eventTypes: ['order.*'] };
    receiver.answerWith((request, response) => answerStatus(request.path === '/fail' ? 503 : 204)(request, response));
    await at(US, 'POST', '/v1/tenants/strict-one/endpoints', failing);
    await send(US, 'strict-one', { word: SECRET_WORD });
    await eventually(() => receiver.requests.some(({ path }) => path === '/fail'));
    // What is sent after it has arrived: so would this have.
    const marker = await send(US, 'acme', { marker: PAYLOAD });
    await eventually(async () => (await at(EU, 'GET', `/v1/events/${marker}`)).status === 200);
    const storeOf = (region: string): string => join(stack.dataDir, region);
    expect(filesWith(storeOf(US), SECRET_WORD).length).toBeGreaterThan(0);
    expect(filesWith(storeOf(EU), PAYLOAD).length).toBeGreaterThan(0);
    expect(filesWith(storeOf(EU), SECRET_WORD)).toEqual([]);
    expect(filesWith(storeOf(EU), id)).toEqual([]);
    expect((await at(EU, 'GET', `/v1/events/${id}`)).status).toBe(404);
  });

  it('answer 421 with the right address when a strict tenant comes to the wrong door', async () => {
    const { regions } = await stack.state();
    const home = regions[0]?.url ?? '';
    await eventually(async () => (await at(EU, 'POST', '/v1/tenants/strict-one/events', { eventType: 'a.b', data: {} })).status === 421);
    const sent = await at(EU, 'POST', '/v1/tenants/strict-one/events', { eventType: 'a.b', data: {} });
    expect(sent.body).toMatchObject({ code: 'WB_MISDIRECTED', url: `${home}/v1/tenants/strict-one/events` });
    // The source has a route of its own in the registry, which may arrive after the tenant's: 404 until then.
    await eventually(async () => (await at(EU, 'POST', '/webhooks/strict-source', { any: 'thing' })).status === 421);
    const webhook = await at(EU, 'POST', '/webhooks/strict-source', { any: 'thing' });
    expect(webhook).toMatchObject({ status: 421, body: { url: `${home}/webhooks/strict-source` } });
  });

  it('tell what a failover would do without doing it', async () => {
    const { stdout, code } = await stack.cli('failover', US, '--reason', 'spec', '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`acme +${EU}`));
    expect(stdout).toMatch(/strict-one +stays/);
    expect((await stack.cli('regions', '--once')).stdout).toMatch(/us-central1 +active/);
  });

  it('find nothing wrong with themselves', async () => {
    const doctor = await stack.cli('doctor');
    expect(doctor.stdout).not.toContain('WRONG');
    expect(doctor.code).toBe(0);
  });

  it('tell who looks after them what the catalogue of metrics says, and nothing else of ours', async () => {
    const told = await everythingTold(stack);
    for (const region of [US, EU])
      for (const service of ['ingress', 'planner', 'dispatcher', 'projector']) {
        const text = told.get(`${region} metrics ${service}`) ?? '';
        const [found, expected] = [exposedIn(text), catalogued(service)];
        expect({ region, service, names: found.names }).toEqual({ region, service, names: expected.names });
        expect(found.labelled.filter((one) => !expected.labelled.includes(one))).toEqual([]);
        expect(await complaintsAbout(text)).toBe('');
      }
  });

  it('tell nobody a secret or a payload: in no line, span or metric; every line says by whom it is, and of which trace', async () => {
    const told = await everythingTold(stack);
    const { body } = await at(US, 'GET', '/v1/tenants/acme/endpoints/here/secret');
    const { key } = z.object({ key: z.string() }).parse(body);
    const secrets = [...(await ownSecrets(stack)), key, key.replace('whsec_', ''), 'whsec_', SOURCE_SECRET, PAYLOAD];
    expect(tellersOf(told, secrets)).toEqual([]);
    expect(badLines(told)).toEqual([]);
    const all = [...told.values()].join('\n');
    for (const work of ['accept', 'plan', 'attempt', 'request']) expect(all).toContain(`"event":"work.${work}"`);
    expect(all).toContain('"kind":"client"');
  });

  it('prove that nothing was lost, strict tenants included, and remove nothing that is young', async () => {
    const file = join(stack.dataDir, 'audit.json');
    await eventually(async () => (await stack.cli('audit', '--report', file)).code === 0);
    const report = z.object({
      clean: z.boolean(),
      regions: z.record(z.string(), z.object({ accepted: z.number() })),
      reads: z.array(z.unknown()),
    });
    const { clean, regions, reads } = report.parse(JSON.parse(await readFile(file, 'utf8')));
    expect([clean, Object.keys(regions), reads.length]).toEqual([true, [US, EU], 2]);
    expect((regions[US]?.accepted ?? 0) + (regions[EU]?.accepted ?? 0)).toBeGreaterThan(3);
    expect((await stack.cli('audit', '--from', 'tomorrow')).code).toBe(2);
    const { code, stdout } = await stack.cli('retention', '--apply');
    expect([code, stdout.match(/ 0 removed /g)?.length]).toEqual([0, 4]);
  });
});
