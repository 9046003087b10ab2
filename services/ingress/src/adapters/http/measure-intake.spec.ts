import { Metrics } from '@waybill/runtime';
import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { ingressMetrics } from '../ingress-metrics.ts';
import { type IntakeAnswer, leaveUnmeasured, measureIntake } from './measure-intake.ts';
import { visitOf } from './visit.ts';
import { broughtIn } from './brought.fixture.ts';

it('tells the answers to senders of events alone, and counts them by door and status', async () => {
  const answers: IntakeAnswer[] = [];
  const metrics = new Metrics({ isOn: true });
  const counted = ingressMetrics(metrics, { region: 'us', regions: ['us', 'eu'], isBusUp: () => true });
  const fastify = Fastify();
  measureIntake(fastify, (answer) => {
    answers.push(answer);
    counted.answered(answer);
  });
  for (const url of ['/v1/tenants/:tenantId/events', '/webhooks/:sourceId', '/webhooks/github', '/v1/tenants/:tenantId'])
    fastify.post(url, (request, reply) => {
      const { 'x-ignored': isIgnored, 'x-brings': brings, 'x-answer': answer } = request.headers;
      if (isIgnored !== undefined) leaveUnmeasured(request);
      if (brings !== undefined) visitOf(request).tell({ ...broughtIn, duplicate: brings === 'again' });
      return reply.status(Number(answer)).send();
    });
  const post = (url: string, answer: number, headers = {}) =>
    fastify.inject({ method: 'POST', url, headers: { 'x-answer': String(answer), ...headers } });
  for (const answer of [202, 202, 200, 422, 503, 418])
    await post('/v1/tenants/acme/events', answer, answer === 202 ? { 'x-brings': 'one' } : {});
  await post('/v1/tenants/acme/events', 202, { 'x-brings': 'again' });
  await post('/webhooks/shop', 202);
  await post('/webhooks/none', 404);
  await post('/webhooks/github', 202, { 'x-brings': 'again' });
  await post('/webhooks/github', 202, { 'x-ignored': 'yes' });
  await post('/v1/tenants/acme', 202);
  await post('/v1/tenants/acme', 422);
  await post('/elsewhere', 404);
  expect(answers.map(({ door, status, brought }) => [door, status, brought?.duplicate])).toEqual([
    ['api', 202, false],
    ['api', 202, false],
    ['api', 422, undefined],
    ['api', 503, undefined],
    ['api', 418, undefined],
    ['api', 202, true],
    ['webhook', 202, undefined],
    ['webhook', 404, undefined],
    ['github', 202, true],
  ]);
  counted.publishFailed('WB_LOG_FULL');
  const lines = (await metrics.text())
    .split('\n')
    .filter((line) => line.startsWith('waybill_') && !line.includes('_bucket') && !/ 0$|_sum/.test(line));
  expect(lines).toEqual([
    'waybill_webhooks_accepted_total{region="us",door="api"} 2',
    'waybill_webhooks_accepted_total{region="us",door="webhook"} 1',
    'waybill_webhooks_duplicate_total{region="us",door="api"} 1',
    'waybill_webhooks_duplicate_total{region="us",door="github"} 1',
    'waybill_webhooks_refused_total{region="us",door="api",status="422"} 1',
    'waybill_webhooks_refused_total{region="us",door="api",status="503"} 1',
    'waybill_webhooks_refused_total{region="us",door="webhook",status="404"} 1',
    'waybill_webhooks_refused_total{region="us",door="api",status="other"} 1',
    'waybill_webhook_ack_duration_seconds_count{region="us"} 5',
    'waybill_bus_publish_failures_total{region="us",service="ingress",code="WB_LOG_FULL"} 1',
    'waybill_region_expected{region="us"} 1',
    'waybill_region_expected{region="eu"} 1',
    'waybill_bus_connected{region="us",service="ingress"} 1',
  ]);
});
