import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { ACK_EDGES_MS } from '@waybill/contracts';
import { IntakeCounts } from '../../domain/intake-counts.ts';
import { leaveUnmeasured, measureIntake } from './measure-intake.ts';

it('counts answers to senders of events alone, by whether they were accepted', async () => {
  const counts = new IntakeCounts();
  const fastify = Fastify();
  measureIntake(fastify, counts, () => 0);
  for (const url of ['/v1/tenants/:tenantId/events', '/webhooks/:sourceId', '/webhooks/github', '/v1/tenants/:tenantId'])
    fastify.post(url, (request, reply) => {
      if (request.headers['x-ignored'] !== undefined) leaveUnmeasured(request);
      return reply.status(Number(request.headers['x-answer'])).send();
    });
  const post = (url: string, answer: number, headers = {}) =>
    fastify.inject({ method: 'POST', url, headers: { 'x-answer': String(answer), ...headers } });
  for (const answer of [202, 202, 200, 422, 503]) await post('/v1/tenants/acme/events', answer);
  await post('/webhooks/shop', 202);
  await post('/webhooks/none', 404);
  await post('/webhooks/github', 202);
  await post('/webhooks/github', 202, { 'x-ignored': 'yes' });
  await post('/v1/tenants/acme', 202);
  await post('/v1/tenants/acme', 422);
  await post('/elsewhere', 404);
  const told = counts.take('us', 0);
  expect(told?.ack).toHaveLength(ACK_EDGES_MS.length + 1);
  expect(told?.ack.reduce((sum, count) => sum + count, 0)).toBe(4);
  expect(told?.refused).toEqual({ 404: 1, 422: 1, 503: 1 });
});
