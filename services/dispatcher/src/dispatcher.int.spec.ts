import { CONSUMERS, streamNames, subjects } from '@waybill/contracts';
import { answerStatus, eventually, type Receiver, startReceiver } from '@waybill/testkit';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { REGION, TestRegion } from './testing/region.ts';

let region: TestRegion;
let receiver: Receiver;

beforeAll(async () => {
  region = await TestRegion.start();
});
afterAll(() => region.stop());
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  await region.stopDispatchers();
  await receiver.close();
});

const exported = z.object({
  resourceSpans: z.array(
    z.object({
      scopeSpans: z.array(
        z.object({
          spans: z.array(z.looseObject({ name: z.string(), traceId: z.string(), spanId: z.string(), parentSpanId: z.string().optional() })),
        }),
      ),
    }),
  ),
});
const spansIn = (body: unknown) =>
  exported
    .parse(body)
    .resourceSpans.flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, text: JSON.stringify(span) }))),
    );

const unsettled = async () => {
  const { log, retry } = streamNames(REGION);
  const plans = await region.bus.jsm.consumers.info(log, CONSUMERS.dispatcherPlans);
  const due = await region.bus.jsm.streams.info(retry);
  return plans.num_pending + plans.num_ack_pending + due.state.messages;
};
const settled = () =>
  eventually(
    async () => (await unsettled()) === 0,
    30_000,
    () => 'work is left',
  );

describe('deliveries', () => {
  it('go out signed, are recorded, and leave nothing behind', async () => {
    await region.dispatcher();
    const endpoint = await region.endpoint(`${receiver.url}/hook?a=1`, { headers: { 'X-Key': 'k', 'webhook-id': 'forged' } });
    const eventId = await region.plan([endpoint], '{"total":1.0,"id":12345678901234567890}');
    const [request] = await receiver.waitFor(1);
    expect(request).toMatchObject({ method: 'POST', path: '/hook?a=1', body: '{"total":1.0,"id":12345678901234567890}' });
    expect(request?.headers).toMatchObject({
      'webhook-id': eventId,
      'content-type': 'application/json',
      'user-agent': 'Waybill/0.1.0',
      'waybill-event-type': 'order.paid',
      'waybill-attempt': '1',
      'x-key': 'k',
    });
    expect(() => new Webhook(endpoint.secrets[0]?.key ?? '').verify(request?.body ?? '', request?.headers ?? {})).not.toThrow();
    await settled();
    expect(await region.attempts(eventId)).toMatchObject([
      { attempt: 1, endpointId: endpoint.id, outcome: { kind: 'accepted', httpStatus: 204 }, next: { kind: 'delivered' } },
    ]);
  });

  it('tell their place in the trace to who asks for it, and are told as spans and by /metrics', async () => {
    const collector = await startReceiver({ answer: (_request, response) => void response.writeHead(200).end('{}') });
    const dispatcher = await region.dispatcher({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces` });
    const asking = await region.endpoint(`${receiver.url}/asking?token=s3cret`, { traceContext: true });
    const silent = await region.endpoint(`${receiver.url}/silent`);
    const [traceId, parentId] = ['1'.repeat(32), 'a'.repeat(16)];
    await region.plan([asking, silent], '{}', { traceparent: `00-${traceId}-${parentId}-01` });
    await region.plan([asking]);
    const requests = await receiver.waitFor(3);
    const told = requests.flatMap(({ path, headers }) => (headers['traceparent'] === undefined ? [] : [[path, headers['traceparent']]]));
    expect(told).toEqual([['/asking?token=s3cret', expect.stringMatching(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`))]]);
    await settled();
    await eventually(async () => {
      const shown = await (await fetch(`${dispatcher.url}/metrics`)).text();
      const ends = `waybill_delivery_ends_total{region="${REGION}",channel="http",end="delivered"} 3`;
      return (
        shown.includes(ends) && shown.includes(`waybill_consumer_pending{region="${REGION}",consumer="${CONSUMERS.dispatcherPlans}"} 0`)
      );
    });
    await dispatcher.close();
    const spans = collector.requests.flatMap(({ body }) => spansIn(JSON.parse(body)));
    expect(spans.map(({ name }) => name).toSorted()).toEqual([
      'POST',
      'POST',
      'process plan.made',
      'publish delivery.attempted',
      'publish delivery.attempted',
    ]);
    const handling = spans.find(({ name }) => name === 'process plan.made');
    const attempts = spans.filter(({ name }) => name === 'POST');
    expect(handling).toMatchObject({ traceId, parentSpanId: parentId });
    expect(attempts).toMatchObject([1, 2].map(() => ({ traceId, parentSpanId: handling?.spanId })));
    expect(told[0]?.[1]).toContain(attempts.find(({ text }) => text.includes(asking.id))?.spanId);
    expect(spans.map(({ text }) => text).join()).not.toContain('s3cret');
    await collector.close();
  });

  it('fan out to every endpoint of the plan', async () => {
    await region.dispatcher();
    const endpoints = await Promise.all(Array.from({ length: 5 }, (_, n) => region.endpoint(`${receiver.url}/${n}`)));
    await region.plan(endpoints);
    const requests = await receiver.waitFor(5);
    expect(requests.map(({ path }) => path).toSorted()).toEqual(['/0', '/1', '/2', '/3', '/4']);
  });

  it('are retried with the same id and a new signature until one succeeds', async () => {
    await region.dispatcher();
    let asked = 0;
    receiver.answerWith((_request, response) => void response.writeHead((asked += 1) < 3 ? 503 : 200).end('later'));
    const endpoint = await region.endpoint(receiver.url);
    const eventId = await region.plan([endpoint]);
    const requests = await receiver.waitFor(3);
    expect(requests.map(({ headers }) => [headers['webhook-id'], headers['waybill-attempt']])).toEqual(
      [1, 2, 3].map((n) => [eventId, String(n)]),
    );
    for (const { body, headers } of requests) expect(() => new Webhook(endpoint.secrets[0]?.key ?? '').verify(body, headers)).not.toThrow();
    await settled();
    const attempts = await region.attempts(eventId);
    expect(attempts.map(({ attempt, next, response }) => [attempt, next.kind, response])).toEqual([
      [1, 'retry', 'later'],
      [2, 'retry', 'later'],
      [3, 'delivered', 'later'],
    ]);
  });

  it('are dead-lettered when the last attempt fails', async () => {
    await region.dispatcher({ MAX_PROCESSING_RETRIES: '1' });
    receiver.answerWith(answerStatus(500));
    const eventId = await region.plan([await region.endpoint(receiver.url)]);
    await receiver.waitFor(2);
    await settled();
    expect((await region.attempts(eventId)).map(({ next }) => next)).toMatchObject([
      { kind: 'retry' },
      { kind: 'dead_lettered', reason: 'attempts_exhausted' },
    ]);
    expect(receiver.requests).toHaveLength(2);
  });

  it('to an endpoint that says 410 disable it, and what follows is refused', async () => {
    await region.dispatcher();
    receiver.answerWith(answerStatus(410));
    const endpoint = await region.endpoint(receiver.url);
    const first = await region.plan([endpoint]);
    await settled();
    expect(await region.attempts(first)).toMatchObject([
      { outcome: { kind: 'rejected', reason: 'gone' }, next: { kind: 'dead_lettered', reason: 'endpoint_gone' } },
    ]);
    await eventually(() => region.registry.endpoint(endpoint.tenantId, endpoint.id)?.disabled?.reason === 'gone');
    const second = await region.plan([endpoint]);
    await settled();
    expect(await region.refusals(second)).toMatchObject([{ next: { kind: 'dead_lettered', reason: 'endpoint_gone' } }]);
    expect(receiver.requests).toHaveLength(1);
  });

  it('to deleted and disabled endpoints end at once', async () => {
    await region.dispatcher();
    const deleted = await region.endpoint(receiver.url);
    await region.writer.remove('endpoint', [deleted.tenantId, deleted.id]);
    const disabled = await region.endpoint(receiver.url, { disabled: { reason: 'manual', at: new Date().toISOString() } });
    const eventId = await region.plan([deleted, disabled]);
    await settled();
    const ends = (await region.refusals(eventId)).map(({ endpointId, next }) => [endpointId, next.reason]);
    expect(new Map(ends as [string, string][])).toEqual(
      new Map([
        [deleted.id, 'endpoint_deleted'],
        [disabled.id, 'endpoint_disabled'],
      ]),
    );
    expect(receiver.requests).toHaveLength(0);
  });

  it('to an address that is not allowed are denied, without a retry', async () => {
    await region.dispatcher({ EGRESS_ALLOW: '' });
    const eventId = await region.plan([await region.endpoint(receiver.url)]);
    await settled();
    expect(await region.attempts(eventId)).toMatchObject([
      { outcome: { kind: 'rejected', reason: 'egress_denied' }, next: { kind: 'denied', reason: 'egress_denied' } },
    ]);
    expect(receiver.requests).toHaveLength(0);
  });

  it('are refused when the payload is lost before the retry', async () => {
    const dispatcher = await region.dispatcher({ RETRY_BASE_DELAY_MS: '1500' });
    receiver.answerWith(answerStatus(500));
    const eventId = await region.plan([await region.endpoint(receiver.url)]);
    await receiver.waitFor(1);
    await eventually(async () => (await region.attempts(eventId)).length === 1);
    await region.bus.jsm.streams.purge(streamNames(REGION).log, { filter: subjects.plan(REGION, 'g', REGION) });
    await settled();
    expect(await region.refusals(eventId)).toMatchObject([{ next: { reason: 'payload_lost' } }]);
    await dispatcher.close();
  });
});

describe('receivers that hold others up', () => {
  it('do not: a dead one fills its own places only', async () => {
    const dead = await startReceiver({ answer: () => undefined });
    const [toDead, toHealthy] = [await region.endpoint(dead.url), await region.endpoint(receiver.url)];
    const backlog = await Promise.all(Array.from({ length: 300 }, () => region.plan([toDead])));
    await region.plan([toHealthy]);
    await region.dispatcher({ REQUEST_TIMEOUT_MS: '60000', DISPATCHER_CONCURRENCY: '64', ENDPOINT_CONCURRENCY: '4' });
    await receiver.waitFor(1);
    expect(dead.requests).toHaveLength(4);
    expect((await region.attempts()).filter(({ eventId }) => backlog.includes(eventId))).toEqual([]);
    await region.writer.remove('endpoint', [toDead.tenantId, toDead.id]);
    await dead.close();
    await settled();
    const ended = new Set([...(await region.refusals()), ...(await region.attempts())].map(({ eventId }) => eventId));
    expect(backlog.filter((eventId) => !ended.has(eventId))).toEqual([]);
  });

  it('keep their rate, and everything arrives', async () => {
    const endpoint = await region.endpoint(receiver.url, { rateLimit: 4 });
    await Promise.all(Array.from({ length: 12 }, () => region.plan([endpoint])));
    await region.dispatcher();
    const times = (await receiver.waitFor(12)).map(({ atMs }) => atMs);
    // 50 ms for the way between the gate's clock and the receiver's.
    for (const time of times) expect(times.filter((other) => other >= time && other < time + 950).length).toBeLessThanOrEqual(4);
    await settled();
    expect(receiver.requests).toHaveLength(12);
  });

  it('are disabled when they fail for too long', async () => {
    receiver.answerWith(answerStatus(500));
    const endpoint = await region.endpoint(receiver.url, { retrySchedule: [1, 1, 1, 1, 1] });
    const path = [endpoint.tenantId, endpoint.id];
    await region.writer.put('health', path, { endpointId: endpoint.id, failingSince: '2020-01-01T00:00:00.000Z' });
    await region.dispatcher({ AUTO_DISABLE_AFTER_SECONDS: '2' });
    const eventId = await region.plan([endpoint]);
    await eventually(() => region.registry.endpoint(endpoint.tenantId, endpoint.id)?.disabled?.reason === 'failing');
    await settled();
    expect((await region.refusals(eventId)).map(({ next }) => next)).toEqual([{ kind: 'dead_lettered', reason: 'endpoint_disabled' }]);
  });

  it('are remembered as failing when the circuit opens, and no more after a success', async () => {
    receiver.answerWith(answerStatus(500));
    const endpoint = await region.endpoint(receiver.url);
    await region.dispatcher({ MAX_PROCESSING_RETRIES: '0' });
    await Promise.all(Array.from({ length: 10 }, () => region.plan([endpoint])));
    await eventually(() => region.registry.health(endpoint.tenantId, endpoint.id) !== undefined);
    receiver.answerWith(answerStatus(200));
    const parked = await region.plan([endpoint]);
    await settled();
    expect(await region.attempts(parked)).toMatchObject([{ attempt: 1, next: { kind: 'delivered' } }]);
    await eventually(() => region.registry.health(endpoint.tenantId, endpoint.id) === undefined);
  });
});

describe('the restart rule', () => {
  it('does nothing twice when every ack was lost', async () => {
    const endpoints = [await region.endpoint(receiver.url), await region.endpoint(receiver.url)];
    const first = await region.dispatcher();
    for (let n = 0; n < 20; n += 1) await region.plan(endpoints);
    await receiver.waitFor(40);
    await settled();
    await first.close();
    await region.forgetAcks();
    await region.dispatcher();
    await region.plan(endpoints, '{"last":true}');
    await receiver.waitFor(42);
    await settled();
    expect(receiver.requests).toHaveLength(42);
    expect(new Set(receiver.requests.map(({ headers }) => headers['waybill-delivery-id'])).size).toBe(42);
  });

  it('schedules the retry of an attempt that was recorded before the crash, and does not repeat the attempt', async () => {
    const endpoint = await region.endpoint(receiver.url);
    const eventId = await region.plan([endpoint]);
    // As if the process had died between the fact and the schedule.
    await region.recordAttempt(eventId, endpoint, { kind: 'retry', at: new Date(Date.now() + 1_000).toISOString() });
    await region.dispatcher();
    await receiver.waitFor(1);
    await settled();
    expect((await region.attempts(eventId)).map(({ attempt, next }) => [attempt, next.kind])).toEqual([
      [1, 'retry'],
      [2, 'delivered'],
    ]);
    expect(receiver.requests).toHaveLength(1);
  });

  it('tries a fired retry once, even when it fires twice', async () => {
    receiver.answerWith(answerStatus(500));
    const endpoint = await region.endpoint(receiver.url, { retrySchedule: [1] });
    await region.dispatcher();
    const eventId = await region.plan([endpoint]);
    await settled();
    await region.publishRaw(subjects.retryDue(REGION), JSON.stringify(await region.dueBody(eventId, endpoint, 2)));
    await settled();
    expect((await region.attempts(eventId)).map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(receiver.requests).toHaveLength(2);
  });

  it('does not try again a parked attempt whose plan was handed out meanwhile, however late its schedule fires', async () => {
    const endpoint = await region.endpoint(receiver.url);
    const parkedMs = Date.now();
    const first = await region.dispatcher();
    const eventId = await region.plan([endpoint]);
    await receiver.waitFor(1);
    await settled();
    await first.close();
    await region.dispatcher();
    // Nothing was unsettled when it started, so it read nothing back; now the schedule of before fires.
    const due = { ...(await region.dueBody(eventId, endpoint, 1)), parked: 3, notBeforeMs: parkedMs };
    await region.publishRaw(subjects.retryDue(REGION), JSON.stringify(due));
    await region.plan([endpoint]);
    await receiver.waitFor(2);
    await settled();
    expect(receiver.requests.filter(({ headers }) => headers['webhook-id'] === eventId)).toHaveLength(1);
  });

  it('carries retries over a restart', async () => {
    receiver.answerWith(answerStatus(500));
    const endpoint = await region.endpoint(receiver.url, { retrySchedule: [1] });
    const first = await region.dispatcher();
    const eventId = await region.plan([endpoint]);
    await eventually(async () => (await region.attempts(eventId)).length === 1);
    await first.close();
    receiver.answerWith(answerStatus(200));
    await region.dispatcher();
    await settled();
    expect((await region.attempts(eventId)).map(({ next }) => next.kind)).toEqual(['retry', 'delivered']);
  });
});

describe('NATS away', () => {
  it('in the middle of attempts: each is recorded when it is back, and none is sent twice', async () => {
    const release = Promise.withResolvers<void>();
    receiver.answerWith(async (_request, response) => {
      await release.promise;
      response.end();
    });
    const { url } = await region.dispatcher();
    const endpoints = await Promise.all(Array.from({ length: 10 }, () => region.endpoint(receiver.url)));
    const eventIds = await Promise.all([region.plan(endpoints), region.plan(endpoints)]);
    await receiver.waitFor(20);
    await region.nats.kill();
    release.resolve();
    await eventually(async () => (await fetch(`${url}/health/ready`)).status === 503);
    await region.nats.restart();
    await eventually(() => region.bus.isUp());
    await settled();
    const attempts = (await Promise.all(eventIds.map((eventId) => region.attempts(eventId)))).flat();
    expect(attempts.map(({ next }) => next.kind)).toEqual(Array.from({ length: 20 }, () => 'delivered'));
    expect(receiver.requests).toHaveLength(20);
    await eventually(async () => (await fetch(`${url}/health/ready`)).status === 200);
  });
});

describe('what cannot be read', () => {
  it('is set aside with a verdict', async () => {
    await region.dispatcher();
    await region.publishRaw(subjects.plan(REGION, 'g', REGION), '{"v":99,"data":{}}');
    await region.publishRaw(subjects.retryDue(REGION), 'not json');
    await settled();
    const refused = await region.bus.jsm.streams.getMessage(streamNames(REGION).log, {
      last_by_subj: subjects.fact(REGION, 'g', 'event.refused'),
    });
    expect(refused?.json()).toMatchObject({ verdict: 'poison', region: REGION });
  });
});
