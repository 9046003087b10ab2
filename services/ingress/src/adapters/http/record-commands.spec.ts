import { type RouteRecord, WaybillError } from '@waybill/contracts';
import { createLogger } from '@waybill/runtime';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FactHere } from '../../application/append-fact.ts';
import type { OperationSpec } from './operation.ts';
import { leaveUnrecorded, recordCommands } from './record-commands.ts';

const operation = (method: OperationSpec['method'], path: string, record?: OperationSpec['record']): OperationSpec => ({
  method,
  paths: [path],
  summary: '',
  tag: '',
  answers: {},
  ...(record === undefined ? {} : { record }),
});
const OPERATIONS = [
  operation('PUT', '/v1/tenants/:tenantId'),
  operation('GET', '/v1/tenants/:tenantId'),
  operation('POST', '/v1/tenants/:tenantId/events', 'no'),
  operation('POST', '/v1/sources'),
  operation('DELETE', '/v1/sources/:sourceId'),
  operation('POST', '/v1/jobs/:id/start', 'here'),
  operation('POST', '/webhooks/:sourceId'),
  operation('POST', '/admin/failover/:region'),
];

let fastify: FastifyInstance;
let facts: FactHere[];
let failure: WaybillError | undefined;
let routes: Map<string, RouteRecord>;
let done: number;

beforeEach(() => {
  [facts, failure, routes, done] = [[], undefined, new Map(), 0];
  fastify = Fastify();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, next) => next(null, body));
  const homeOf = (kind: string, id: string): string | undefined => routes.get(`${kind}.${id}`)?.home;
  const append = async (fact: FactHere): Promise<{ seq: number }> => {
    if (failure !== undefined) throw failure;
    return { seq: facts.push(fact) };
  };
  recordCommands(fastify, OPERATIONS, {
    region: 'us',
    append,
    residency: { homeOf },
    newMark: () => String(facts.length),
    nowMs: () => 0,
    logger: createLogger({ service: 'test', region: 'us', level: 'silent' }),
  });
  for (const { method, paths } of OPERATIONS)
    fastify.route({
      method,
      url: paths[0] ?? '',
      handler: async (request, reply) => {
        done += 1;
        if (request.headers['x-dry'] !== undefined) leaveUnrecorded(request);
        if (method === 'DELETE') routes.clear();
        return reply.status(Number(request.headers['x-answer'] ?? 200)).send(method === 'DELETE' ? undefined : '{}');
      },
    });
});
afterEach(() => fastify.close());

const strict = (kind: 'tenant' | 'source', id: string): void => {
  routes.set(`${kind}.${id}`, { kind, id, home: 'us', updatedAt: '2026-01-01T00:00:00Z' });
};
const send = (method: 'GET' | 'PUT' | 'POST' | 'DELETE', url: string, more: { headers?: Record<string, string>; body?: object } = {}) =>
  fastify.inject({
    method,
    url,
    headers: { ...(more.body === undefined ? {} : { 'content-type': 'application/json' }), ...more.headers },
    ...(more.body === undefined ? {} : { payload: JSON.stringify(more.body) }),
  });

it('a command leaves who, what and why, and nothing of its body', async () => {
  const headers = { 'waybill-actor': 'eve@acme', 'waybill-reason': 'header', 'x-request-id': 'r-1', 'x-answer': '201' };
  await send('PUT', '/v1/tenants/acme', { headers, body: { name: 'hush' } });
  await send('POST', '/admin/failover/eu', { body: { reason: 'body', force: true } });
  expect(facts).toMatchObject([
    {
      type: 'management.acted',
      scope: 'g',
      body: {
        region: 'us',
        action: 'PUT /v1/tenants/:tenantId',
        about: { tenantId: 'acme' },
        status: 201,
        by: { actor: 'eve@acme', reason: 'header' },
        requestId: 'r-1',
      },
    },
    { body: { action: 'POST /admin/failover/:region', about: { region: 'eu' }, by: { actor: 'management-key', reason: 'body' } } },
  ]);
  expect(JSON.stringify(facts)).not.toContain('hush');
});

it('what failed, what changed nothing, what only looks, events and webhooks leave nothing', async () => {
  await send('PUT', '/v1/tenants/acme', { headers: { 'x-answer': '409' } });
  await send('POST', '/admin/failover/eu', { headers: { 'x-dry': '1' } });
  await send('GET', '/v1/tenants/acme');
  await send('POST', '/v1/tenants/acme/events', { body: {} });
  await send('POST', '/webhooks/shop', { body: {} });
  expect([done, facts]).toEqual([5, []]);
});

it('what is about a strict tenant stays here, also when its route comes or goes with the command', async () => {
  strict('tenant', 'safe');
  await send('PUT', '/v1/tenants/safe');
  await send('POST', '/v1/sources', { body: { id: 'shop', tenantId: 'safe' } });
  strict('source', 'shop');
  await send('DELETE', '/v1/sources/shop');
  await send('DELETE', '/v1/sources/shop');
  await send('POST', '/v1/jobs/job_1/start');
  expect(facts.map(({ scope }) => scope)).toEqual(['l', 'l', 'l', 'g', 'l']);
});

it.each([
  ['Waybill-Actor', 'x'.repeat(201)],
  ['Waybill-Actor', 'eve\tadam'],
  ['Waybill-Actor', ''],
  ['Waybill-Reason', 'x'.repeat(1_001)],
])('a %s that cannot be written down is refused before anything is done', async (name, value) => {
  const reply = await send('PUT', '/v1/tenants/acme', { headers: { [name]: value } });
  expect(reply.statusCode).toBeGreaterThanOrEqual(400);
  expect([done, facts]).toEqual([0, []]);
});

it('an actor may have any letters', async () => {
  await send('PUT', '/v1/tenants/acme', { headers: { 'waybill-actor': Buffer.from('Jürgen Müller').toString('latin1') } });
  expect(facts).toMatchObject([{ body: { by: { actor: 'Jürgen Müller' } } }]);
});

it.each(['PUT', 'DELETE'] as const)('a %s that could not be recorded is answered 503, so that it is sent again', async (method) => {
  failure = new WaybillError('WB_NATS_AWAY', 'the connection is down', { extra: { retryAfterSeconds: 3 } });
  const url = method === 'PUT' ? '/v1/tenants/acme' : '/v1/sources/shop';
  const reply = await send(method, url, method === 'DELETE' ? { headers: { 'x-answer': '204' } } : {});
  expect([reply.statusCode, reply.headers['retry-after'], reply.headers['content-type']]).toEqual([503, '3', 'application/problem+json']);
  expect(reply.json()).toMatchObject({ status: 503, code: 'WB_NATS_AWAY', detail: expect.stringContaining('it was done') });
  failure = undefined;
  expect((await send(method, url)).statusCode).toBe(200);
  expect(facts).toHaveLength(1);
});
