import { traceIdOf, WaybillError } from '@waybill/contracts';
import { createLogger, type Logger, sendProblem, WorkLog } from '@waybill/runtime';
import Fastify from 'fastify';
import { beforeEach, expect, it } from 'vitest';
import { OPERATIONS } from '../../app.module.ts';
import { broughtIn } from './brought.fixture.ts';
import { measureIntake } from './measure-intake.ts';
import { tellCommands, tellIntake } from './tell-work.ts';
import { visitOf } from './visit.ts';

const lines: Record<string, unknown>[] = [];
const logger: Logger = createLogger({ service: 'test', region: 'test', level: 'silent' });
logger.info = (line: unknown) => void lines.push({ level: 'info', ...Object(line) });
logger.warn = (line: unknown) => void lines.push({ level: 'warn', ...Object(line) });
const fastify = Fastify();
const logs = { done: new WorkLog(logger, { perSecond: 100 }), refused: new WorkLog(logger, { perSecond: 2 }) };
measureIntake(fastify, tellIntake(logs));
tellCommands(fastify, OPERATIONS, logs);
for (const url of ['/v1/tenants/:tenantId/events', '/webhooks/:sourceId', '/v1/tenants/:tenantId'])
  fastify.route({
    method: ['GET', 'PUT', 'POST'],
    url,
    handler: async (request, reply) => {
      const { 'x-fails': fails, 'x-brings': brings } = request.headers;
      if (brings !== undefined) visitOf(request).tell({ ...broughtIn, duplicate: brings === 'again' });
      if (fails === 'us') sendProblem(reply, new WaybillError('WB_NATS_AWAY', 'hush'));
      else if (fails !== undefined) sendProblem(reply, new WaybillError('WB_SIGNATURE_INVALID', 'hush'));
      else await reply.status(202).send();
      return reply;
    },
  });
type Method = 'GET' | 'POST' | 'PUT';
const send = (method: Method, url: string, headers = {}) =>
  fastify.inject({
    method,
    url: `${url}?token=hush`,
    headers: { ...headers, authorization: 'Bearer hush', 'content-type': 'text/plain' },
    payload: 'hush',
  });

beforeEach(() => lines.splice(0));

it('tells of each event what came in and where, and of a refusal why', async () => {
  await send('POST', '/v1/tenants/acme/events', { 'x-brings': 'one', 'x-request-id': 'r-1' });
  await send('POST', '/webhooks/shop', { 'x-brings': 'again' });
  await send('POST', '/webhooks/shop', { 'x-fails': 'you' });
  await send('POST', '/v1/tenants/acme/events', { 'x-fails': 'us' });
  const { eventId, place: _place, duplicate: _first, ...event } = broughtIn;
  const about = { ...event, eventId, traceId: traceIdOf(eventId), durationMs: expect.any(Number), method: 'POST' };
  expect(lines).toEqual([
    {
      level: 'info',
      event: 'work.accept',
      outcome: 'accepted',
      status: 202,
      duplicate: false,
      route: '/v1/tenants/:tenantId/events',
      requestId: 'r-1',
      ...about,
    },
    { level: 'info', event: 'work.accept', outcome: 'duplicate', status: 202, duplicate: true, route: '/webhooks/:sourceId', ...about },
    expect.objectContaining({ level: 'info', outcome: 'refused', status: 401, reason: 'WB_SIGNATURE_INVALID', source: 'shop' }),
    expect.objectContaining({ level: 'warn', outcome: 'refused', status: 503, reason: 'WB_NATS_AWAY', tenantId: 'acme' }),
  ]);
  expect(JSON.stringify(lines)).not.toContain('hush');
});

it('tells of each command who gave it, and nothing of what is only read', async () => {
  await send('PUT', '/v1/tenants/acme', { 'waybill-actor': 'ann' });
  await send('PUT', '/v1/tenants/acme', { 'x-fails': 'us' });
  await send('GET', '/v1/tenants/acme');
  const about = { event: 'work.request', method: 'PUT', route: '/v1/tenants/:tenantId', tenantId: 'acme', durationMs: expect.any(Number) };
  expect(lines).toEqual([
    { level: 'info', outcome: 'done', status: 202, actor: 'ann', ...about },
    { level: 'warn', outcome: 'refused', status: 503, actor: 'management-key', reason: 'WB_NATS_AWAY', ...about },
  ]);
});

it('lets a flood of what is refused hide nothing else', async () => {
  for (let n = 0; n < 10; n += 1) await send('POST', '/webhooks/shop', { 'x-fails': 'you' });
  await send('POST', '/webhooks/shop', { 'x-brings': 'one' });
  expect(lines.length).toBeLessThan(6);
  expect(lines.at(-1)).toMatchObject({ outcome: 'accepted' });
});
