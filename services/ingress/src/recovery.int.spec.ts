import { type FactType, streamNames, subjects } from '@waybill/contracts';
import { type Answer, answerStatus, eventually, type Receiver, startReceiver } from '@waybill/testkit';
import { type Bus, connectBus, Publisher, scanStream } from '@waybill/transport';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type IngressUnderTest, REGION, startUnderTest } from './testing/ingress-under-test.ts';

const json = { 'content-type': 'application/json' };
const at = '2026-01-01T00:00:00.000Z';
const row = (n: number, tenantId: string) => ({
  id: `dlv_${n}`,
  kind: 'delivery',
  at,
  tenantId,
  endpointId: 'ep',
  eventId: `evt_${n}`,
  eventType: 'order.paid',
  region: REGION,
  scope: 'g',
  reason: 'attempts_exhausted',
  detail: null,
  httpStatus: 500,
  state: 'open',
  resolved: null,
  event: { stream: 'LOG_TEST', seq: n + 1 },
  plan: null,
});

/** What the projector of a region answers, by the shapes of its API. */
class Projected {
  rows: ReturnType<typeof row>[] = [];
  deliveries: Record<string, string> = {};
  position: () => Promise<object> = async () => ({});

  readonly answer: Answer = async ({ path }, response) => {
    const url = new URL(path, 'http://projector');
    const body = await this.#bodyOf(url);
    await answerStatus(body === undefined ? 404 : 200, json, JSON.stringify(body ?? { code: 'WB_NOT_FOUND' }))(NO_REQUEST, response);
  };

  async #bodyOf({ pathname, searchParams }: URL): Promise<object | undefined> {
    const id = pathname.split('/')[3] ?? '';
    if (pathname === '/v1/stats/position') return { log: await this.position(), peers: null };
    if (pathname.startsWith('/v1/deliveries/')) return this.#delivery(id);
    if (pathname !== '/v1/dead-letters') return this.rows.find((one) => one.id === id);
    const tenantId = searchParams.get('tenantId');
    const fits = this.rows.filter((one) => tenantId === null || one.tenantId === tenantId);
    const start = Number(searchParams.get('iterator') ?? 0);
    const end = start + Number(searchParams.get('limit'));
    return { data: fits.slice(start, end), done: end >= fits.length, iterator: String(end), prevIterator: null };
  }

  #delivery(id: string): object | undefined {
    const state = this.deliveries[id];
    return state === undefined ? undefined : { id, eventId: 'evt_1', tenantId: 'acme', endpointId: 'ep', state, attempts: 3 };
  }
}
const NO_REQUEST = { method: '', path: '', headers: {}, body: '', atMs: 0 };

const projected = new Projected();
let projector: Receiver;
let ingress: IngressUnderTest;
let bus: Bus;
let publisher: Publisher;

/** The facts of a type in the LOG, each with the scope that it has. */
async function factsOf(type: FactType): Promise<{ scope: string | undefined; seq: number; fact: unknown }[]> {
  const found: { scope: string | undefined; seq: number; fact: unknown }[] = [];
  await scanStream(bus, { stream: streamNames(REGION).log, subjects: [subjects.factFilter(REGION, type)] }, ({ subject, seq, body }) => {
    found.push({ scope: subject.split('.')[2], seq, fact: JSON.parse(Buffer.from(body).toString()) });
  });
  return found;
}
async function endOfLog(): Promise<{ seq: number; created: string }> {
  const { created, state } = await bus.jsm.streams.info(streamNames(REGION).log);
  return { seq: state.last_seq, created };
}

beforeAll(async () => {
  projector = await startReceiver({ answer: projected.answer });
  ingress = await startUnderTest({ PROJECTOR_URL: projector.url });
  bus = await connectBus({ servers: ingress.nats.url, name: 'test' });
  publisher = new Publisher(bus);
  for (const id of ['acme', 'other', 'third']) await ingress.call('PUT', `/v1/tenants/${id}`, {});
});
afterAll(async () => {
  publisher.close();
  await bus.close();
  await ingress.cleanup();
  await projector.close();
});
beforeEach(() => {
  projector.answerWith(projected.answer);
  projected.position = endOfLog;
});

const reason = 'the receiver is back';
const redrive = (tenantId: string) => ingress.call('POST', '/v1/dead-letters/redrive', { filter: { tenantId }, reason });

describe('a redrive', () => {
  it('is a job with its list in the LOG, known after a restart too, and steered', async () => {
    projected.rows = Array.from({ length: 700 }, (_, n) => row(n, 'acme'));
    const created = await ingress.call(
      'POST',
      '/v1/dead-letters/redrive',
      { filter: { tenantId: 'acme' }, reason },
      { 'waybill-actor': 'eve' },
    );
    expect(created.status).toBe(201);
    const { id } = created.body;
    const job = `/v1/jobs/${String(id)}`;
    const lists = await factsOf('job.listed');
    expect(lists).toMatchObject([
      { scope: 'l', fact: { jobId: id, part: 0 } },
      { scope: 'l', fact: { jobId: id, part: 1 } },
    ]);
    expect(await factsOf('job.created')).toMatchObject([
      { scope: 'l', fact: { jobId: id, lists: lists.map(({ seq }) => seq).toReversed(), by: { actor: 'eve', reason }, start: false } },
    ]);
    await ingress.restart();
    expect((await ingress.call('GET', job)).body).toMatchObject({ id, state: 'planning', plan: null, by: { actor: 'eve' } });
    expect((await ingress.call('POST', `${job}/start`)).body).toMatchObject({
      status: 409,
      code: 'WB_JOB_STATE',
      state: 'planning',
      detail: expect.stringContaining('for one that is planned'),
    });

    const counts = { deliveries: 700, events: 700, endpoints: [], endpointCount: 1, skipped: {}, stretches: [] };
    const planned = JSON.stringify({ v: 1, jobId: id, ...counts, at: new Date().toISOString() });
    await publisher.publish({ subject: subjects.fact(REGION, 'l', 'job.planned'), body: planned, msgId: 'planned' });
    expect((await ingress.call('POST', `${job}/start`, { ratePerSecond: 7 })).body).toMatchObject({
      state: 'running',
      ratePerSecond: 7,
      plan: { deliveries: 700 },
      progress: { total: 700, done: 0 },
    });
    expect((await ingress.call('POST', `${job}/pause`)).body).toMatchObject({ state: 'paused' });
    expect((await ingress.call('GET', '/v1/jobs?state=paused&kind=redrive')).body).toMatchObject({ data: [{ id }], done: true });
    expect((await ingress.call('GET', '/v1/jobs?state=running')).body).toMatchObject({ data: [] });
    expect((await ingress.call('GET', '/v1/jobs?state=nonsense')).body).toMatchObject({ code: 'WB_SCHEMA_VIOLATION' });
    expect((await redrive('acme')).body).toMatchObject({ status: 409, code: 'WB_JOB_OVERLAP', jobId: id });
    expect((await ingress.call('POST', `${job}/cancel`, { reason: 'enough' })).body).toMatchObject({ state: 'cancelling' });
    expect((await ingress.call('GET', '/v1/jobs/job_none')).body).toMatchObject({ status: 404, code: 'WB_JOB_UNKNOWN' });
  });

  it('asked for twice at once becomes one job', async () => {
    projected.rows = [row(1, 'other')];
    const replies = await Promise.all([redrive('other'), redrive('other')]);
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201, 409]));
  });

  it('waits for the read models', async () => {
    projected.rows = [row(1, 'third')];
    let looked = 0;
    projected.position = async () => {
      looked += 1;
      const { seq, created } = await endOfLog();
      return { seq: looked < 3 ? seq - 1 : seq, created };
    };
    expect((await redrive('third')).status).toBe(201);
    expect(looked).toBe(3);
  });

  it('is refused while the read models cannot be asked, and nothing is written', async () => {
    const before = await endOfLog();
    projector.answerWith(answerStatus(500, json, '{}'));
    const reply = await ingress.call('POST', '/v1/dead-letters/redrive', { ids: ['dlv_1'], reason });
    expect(reply.body).toMatchObject({ code: 'WB_JOB_OVERLAP' });
    const other = await ingress.call('POST', '/v1/dead-letters/redrive', { filter: { tenantId: 'fourth' }, reason });
    expect(other.body).toMatchObject({ status: 503, code: 'WB_PROJECTOR_AWAY' });
    expect(await endOfLog()).toEqual(before);
  });
});

it('dead letters are discarded, deliveries tried again and given up', async () => {
  projected.rows = [row(1, 'fourth'), row(2, 'fourth')];
  projected.deliveries = { dlv_w: 'retrying', dlv_d: 'delivered' };
  expect((await ingress.call('POST', '/v1/dead-letters/discard', { ids: ['dlv_1', 'dlv_2'], reason })).body).toEqual({ discarded: 2 });
  expect(await factsOf('dead_letter.discarded')).toMatchObject([{ scope: 'g', fact: { ids: ['dlv_1', 'dlv_2'], by: { reason } } }]);
  expect(await ingress.call('POST', '/v1/deliveries/dlv_w/retry')).toMatchObject({ status: 202, body: { instruction: 'retry' } });
  expect((await ingress.call('POST', '/v1/deliveries/dlv_w/skip', { reason })).status).toBe(202);
  expect((await ingress.call('POST', '/v1/deliveries/dlv_d/retry', {})).body).toMatchObject({ status: 409, code: 'WB_DELIVERY_STATE' });
  expect((await ingress.call('POST', '/v1/deliveries/dlv_none/retry')).body).toMatchObject({ code: 'WB_DELIVERY_UNKNOWN' });
  expect((await factsOf('delivery.instructed')).map(({ fact }) => fact)).toMatchObject([{ instruction: 'retry' }, { instruction: 'skip' }]);
});

it('a replay is made inside what the LOG holds, and refused outside', async () => {
  const wanted = { tenantId: 'acme', destinations: 'then', reason };
  const [later, now] = ['2999-01-01T00:00:00Z', new Date().toISOString()];
  expect((await ingress.call('POST', '/v1/replays', { ...wanted, from: later, to: '2999-01-02T00:00:00Z' })).body).toMatchObject({
    status: 422,
    code: 'WB_REPLAY_RANGE',
    possible: { from: expect.any(String) },
  });
  const from = new Date(Date.now() - 1_500).toISOString();
  const reply = await ingress.call('POST', '/v1/replays', { ...wanted, from, to: now });
  expect(reply).toMatchObject({ status: 201, body: { kind: 'replay', state: 'planning', spec: { tenantId: 'acme' } } });
});

it('what a command did is a fact before it is answered', async () => {
  const acts = async () => (await factsOf('management.acted')).map(({ scope, fact }) => ({ scope, fact }));
  const known = (await acts()).length;
  const placement = { home: REGION, residency: 'strict' };
  await ingress.call('PUT', '/v1/tenants/safe', { placement }, { 'waybill-actor': 'eve', 'waybill-reason': 'a new customer' });
  await ingress.call('POST', '/v1/tenants/safe/endpoints', { id: 'one', url: 'https://receiver.test' });
  await ingress.call('DELETE', '/v1/tenants/safe/endpoints/one');
  await ingress.call('PUT', '/v1/pauses/hold', { owner: 'acme', reason: 'an incident' });
  await ingress.call('POST', '/v1/tenants/safe/events', { eventType: 'a.b', data: 1 });
  await ingress.call('PUT', '/v1/tenants/safe', {});
  const refused = await ingress.call('PUT', '/v1/tenants/never', {}, { 'waybill-actor': '' });
  expect(refused.body).toMatchObject({ status: 422, code: 'WB_SCHEMA_VIOLATION', errors: [{ path: 'Waybill-Actor' }] });
  expect((await ingress.call('GET', '/v1/tenants/never')).status).toBe(404);
  const about = { tenantId: 'safe' };
  const created = { action: 'PUT /v1/tenants/:tenantId', about, status: 201, by: { actor: 'eve', reason: 'a new customer' } };
  expect((await acts()).slice(known)).toMatchObject([
    { scope: 'l', fact: created },
    { scope: 'l', fact: { action: 'POST /v1/tenants/:tenantId/endpoints', by: { actor: 'management-key', reason: 'not given' } } },
    { scope: 'l', fact: { action: 'DELETE /v1/tenants/:tenantId/endpoints/:id', about: { ...about, id: 'one' }, status: 204 } },
    { scope: 'g', fact: { action: 'PUT /v1/pauses/:pauseId', by: { reason: 'an incident' } } },
  ]);
});

it('commands on the read models are handed on with their body, and recorded', async () => {
  projector.answerWith(answerStatus(202, json, '{"build":{}}'));
  expect(await ingress.call('POST', '/v1/projections/rebuild', { fresh: true })).toMatchObject({ status: 202, body: { build: {} } });
  expect(projector.requests.at(-1)).toMatchObject({ method: 'POST', path: '/v1/projections/rebuild', body: '{"fresh":true}' });
  expect((await factsOf('management.acted')).at(-1)).toMatchObject({ fact: { action: 'POST /v1/projections/rebuild', status: 202 } });
  expect((await fetch(`${ingress.url}/v1/projections/rebuild`, { method: 'POST' })).status).toBe(401);
});

it('a stop does not wait for a redrive that waits', async () => {
  projected.rows = [row(1, 'acme')];
  projected.position = async () => ({ ...(await endOfLog()), seq: 0 });
  const before = projector.requests.length;
  const waiting = ingress.call('POST', '/v1/dead-letters/redrive', { filter: { tenantId: 'fifth' }, reason });
  await eventually(() => projector.requests.length > before + 1);
  await ingress.restart();
  expect((await waiting).body).toMatchObject({ status: 503, code: 'WB_NOT_READY' });
});
