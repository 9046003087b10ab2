import { randomBytes } from 'node:crypto';
import { openBodies } from '@waybill/bodies';
import { HEADERS, joinRawData, newEventId, subjects, traceIdOf, traceparentOf } from '@waybill/contracts';
import { createLogger } from '@waybill/runtime';
import { Publisher } from '@waybill/transport';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '@waybill/testkit';
import { CollectedSpans } from './testing/collected-spans.ts';
import { REGION, Region } from './testing/running-projector.ts';
import { SampleLog, sampleDeliveryId, sampleEventId, sampleJobId, sampleReplayId } from './testing/sample-facts.ts';
import { sampleEndpoint } from './testing/sample-registry.ts';

let region: Region;
const log = new SampleLog(REGION);
const collected = new CollectedSpans();
beforeAll(async () => {
  await collected.open();
  region = await Region.open();
  await region.bus.js.publish(`$KV.registry.${REGION}.endpoint.acme.ep_a`, JSON.stringify(sampleEndpoint('ep_a')));
  log.accepted(1, 'acme', { amount: 1 });
  log.planned(1, ['ep_a', 'ep_b']);
  log.attempted(1, 'ep_a', 1, { kind: 'retry', at: '2026-01-01T00:01:00.000Z' });
  log.attempted(1, 'ep_b', 1, { kind: 'dead_lettered', reason: 'attempts_exhausted' });
  log.attempted(1, 'ep_a', 2, { kind: 'delivered' });
  log.accepted(2, 'beta');
  log.refused(2, 'reader_too_old', 'beta');
  log.poison();
  await region.publish(log);
  await region.start(collected.env);
  await region.caughtUp(log.messages.length);
});
afterAll(async () => {
  await region.close();
  collected.close();
});

describe('GET /v1/events', () => {
  it('tells the whole story of one event, with its payload from the LOG', async () => {
    const { status, body } = await region.get(`/v1/events/${sampleEventId(1)}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: sampleEventId(1),
      state: 'planned',
      deliveryCount: 2,
      complete: true,
      payload: 'present',
      data: { amount: 1 },
      traceId: traceIdOf(sampleEventId(1)),
    });
    expect(body['attempts']).toMatchObject([
      { endpointId: 'ep_a', attempt: 1, outcome: 'retryable' },
      { endpointId: 'ep_b', attempt: 1 },
      { endpointId: 'ep_a', attempt: 2, outcome: 'accepted' },
    ]);
    const byEndpoint = expect.arrayContaining([expect.objectContaining({ endpointId: 'ep_a', state: 'delivered', attempts: 2 })]);
    expect(body['deliveries']).toEqual(byEndpoint);
  });

  it('names the endpoint beside its delivery, without a secret', async () => {
    await eventually(async () =>
      JSON.stringify((await region.get(`/v1/deliveries/${sampleDeliveryId(1, 'ep_a')}`)).body).includes('example.com'),
    );
    const { body } = await region.get(`/v1/deliveries/${sampleDeliveryId(1, 'ep_a')}`);
    expect(body).toMatchObject({ endpoint: { id: 'ep_a', url: 'https://example.com/hooks' }, history: [{ attempt: 1 }, { attempt: 2 }] });
  });

  it('lists with filters and pages', async () => {
    expect((await region.get('/v1/events?tenantId=beta')).body).toMatchObject({
      data: [{ id: sampleEventId(2), state: 'refused' }],
      done: true,
    });
    const first = await region.get('/v1/events?limit=1');
    expect(first.body).toMatchObject({ data: [{ id: sampleEventId(2) }], done: false });
    const next = await region.get(`/v1/events?limit=1&iterator=${String(first.body['iterator'])}`);
    expect(next.body).toMatchObject({ data: [{ id: sampleEventId(1) }] });
  });

  it.each([
    ['/v1/events/evt_none', 404, 'WB_NOT_FOUND'],
    ['/v1/deliveries/dlv_none', 404, 'WB_NOT_FOUND'],
    ['/v1/events?iterator=made-up', 422, 'WB_SCHEMA_VIOLATION'],
    ['/v1/events?limit=251', 422, 'WB_SCHEMA_VIOLATION'],
    ['/v1/events?colour=red', 422, 'WB_SCHEMA_VIOLATION'],
    ['/v1/events?state=lost', 422, 'WB_SCHEMA_VIOLATION'],
    ['/v1/attempts', 422, 'WB_SCHEMA_VIOLATION'],
    ['/v1/stats/totals?scope=tenant', 422, 'WB_SCHEMA_VIOLATION'],
  ])('answers %s with %i and a problem document', async (path, status, code) => {
    const answer = await region.get(path);
    expect([answer.status, answer.type.split(';')[0], answer.body['code']]).toEqual([status, 'application/problem+json', code]);
  });
});

describe('the other lists and numbers', () => {
  it('has deliveries, attempts and dead letters', async () => {
    expect((await region.get('/v1/deliveries?state=dead_lettered')).body['data']).toMatchObject([
      { endpointId: 'ep_b', endReason: 'attempts_exhausted' },
    ]);
    expect((await region.get('/v1/attempts?endpointId=ep_a')).body['data']).toMatchObject([{ attempt: 2 }, { attempt: 1 }]);
    expect((await region.get('/v1/dead-letters')).body['data']).toMatchObject([
      { kind: 'delivery', endpointId: 'ep_b', reason: 'attempts_exhausted' },
      { kind: 'event', id: sampleEventId(2), reason: 'reader_too_old' },
    ]);
  });

  it('has totals and lag', async () => {
    expect((await region.get('/v1/stats/totals')).body).toMatchObject({
      events: { total: 2, planned: 1, refused: 1 },
      deliveries: { total: 2, delivered: 1, dead_lettered: 1 },
      attempts: { total: 3, accepted: 1, retryable: 2 },
    });
    expect((await region.get('/v1/stats/totals?scope=endpoint&id=ep_b')).body).toMatchObject({
      deliveries: { total: 1, dead_lettered: 1 },
    });
    expect((await region.get('/v1/stats/lag')).body['data']).toEqual(
      expect.arrayContaining([expect.objectContaining({ stream: 'LOG_LOCAL', lag: 0 })]),
    );
  });

  it('has metrics of its region', async () => {
    const { [`waybill_stream_bytes{region="${REGION}",stream="log"}`]: bytes, ...shown } = await region.metrics();
    expect(bytes).toBeGreaterThan(0);
    expect(shown).toMatchObject({
      [`waybill_bus_connected{region="${REGION}",service="projector"}`]: 1,
      [`waybill_projection_lag_messages{region="${REGION}",stream="log"}`]: 0,
      [`waybill_dlq_depth{region="${REGION}"}`]: 2,
      [`waybill_pending_deliveries{region="${REGION}"}`]: 0,
      [`waybill_oldest_pending_age_seconds{region="${REGION}"}`]: 0,
    });
  });

  it('is ready', async () => {
    expect(await region.get('/health/ready')).toMatchObject({ status: 200, body: { status: 'ready' } });
  });
});

describe('dead letters and jobs', () => {
  const dead = sampleDeliveryId(3, 'ep_a');
  const made = sampleReplayId(1, 3, 'ep_a');

  it('shows an open one with its places, group, attempts and payload', async () => {
    log.accepted(3, 'gamma', { amount: 3 });
    log.planned(3, ['ep_a'], 'gamma');
    log.attempted(3, 'ep_a', 1, { kind: 'dead_lettered', reason: 'attempts_exhausted' });
    log.instructed(3, 'ep_a', 'retry');
    log.acted('POST /v1/deliveries/:id/retry');
    await region.publish(log);
    await region.caughtUp(log.messages.length);
    const { body } = await region.get('/v1/dead-letters?tenantId=gamma');
    expect(body['data']).toMatchObject([
      { id: dead, state: 'open', resolved: null, scope: 'g', event: { stream: 'LOG_LOCAL' }, plan: { stream: 'LOG_LOCAL' } },
    ]);
    expect((await region.get(`/v1/dead-letters/${dead}`)).body).toMatchObject({
      id: dead,
      attempts: [{ attempt: 1 }],
      accepted: { id: sampleEventId(3) },
      payload: 'present',
      data: { amount: 3 },
    });
    expect((await region.get(`/v1/dead-letters/${sampleEventId(2)}`)).body).toMatchObject({ verdict: { verdict: 'reader_too_old' } });
    expect((await region.get('/v1/dead-letters/groups?tenantId=gamma')).body['data']).toMatchObject([
      { endpointId: 'ep_a', reason: 'attempts_exhausted', region: REGION, count: 1, oldest: expect.any(String) },
    ]);
  });

  it('shows it redriven, what was made in its place, and what operators did', async () => {
    log.replayed(3, ['ep_a'], { job: 1, replayOf: () => dead });
    await region.publish(log);
    await region.caughtUp(log.messages.length);
    expect((await region.get('/v1/dead-letters?tenantId=gamma')).body['data']).toEqual([]);
    expect((await region.get('/v1/dead-letters?tenantId=gamma&state=redriven')).body['data']).toMatchObject([
      { id: dead, state: 'redriven', resolved: { jobId: sampleJobId(1) } },
    ]);
    expect((await region.get('/v1/dead-letters/groups?tenantId=gamma')).body['data']).toEqual([]);
    expect((await region.get(`/v1/deliveries?jobId=${sampleJobId(1)}`)).body['data']).toMatchObject([{ id: made, replayOf: dead }]);
    expect((await region.get(`/v1/deliveries/${dead}`)).body).toMatchObject({
      state: 'superseded',
      replacedBy: [{ deliveryId: made, jobId: sampleJobId(1) }],
      instructions: [{ instruction: 'retry', actor: 'ann' }],
    });
    const { body } = await region.get(`/v1/events/${sampleEventId(3)}`);
    expect(body['deliveries']).toMatchObject([{ id: dead }, { id: made, jobId: sampleJobId(1) }]);
    expect((await region.get('/v1/management-actions?actor=ann&action=POST')).body['data']).toMatchObject([
      { action: 'POST /v1/deliveries/:id/retry', about: { tenantId: 'acme' }, reason: 'asked for' },
    ]);
  });

  it('shows the bytes of what could not be read as an event', async () => {
    const poison = log.messages.find(({ body }) => Buffer.from(body).toString() === '{"v":1,');
    log.refused(9, 'poison', '', poison?.seq);
    await region.publish(log);
    await region.caughtUp(log.messages.length);
    const { body } = await region.get(`/v1/dead-letters/${sampleEventId(9)}`);
    expect(body).toMatchObject({ payload: 'unreadable', message: Buffer.from('{"v":1,').toString('base64'), data: null });
    expect(body['event']).toEqual({ stream: 'LOG_LOCAL', seq: poison?.seq });
  });

  it('says how far it has read', async () => {
    const { body } = await region.get('/v1/stats/position');
    expect(body).toMatchObject({ log: { stream: 'LOG_LOCAL', seq: log.messages.length, created: expect.any(String) } });
  });
});

describe('traces', () => {
  it('have a span of the projection for each message whose trace is recorded, and for no other', async () => {
    const place = { traceId: traceIdOf(sampleEventId(20)) ?? '', spanId: 'b7ad6b7169203331' };
    log.accepted(20, 'traced');
    await region.publish(log, { [HEADERS.traceparent]: traceparentOf(place) });
    log.accepted(21, 'untraced');
    await region.publish(log, { [HEADERS.traceparent]: `00-${traceIdOf(sampleEventId(21))}-${place.spanId}-00` });
    await region.caughtUp(log.messages.length);
    await eventually(async () => collected.spans.some(({ name }) => name === 'project batch'));
    expect(collected.spans).toMatchObject([
      { name: 'project event.accepted', traceId: place.traceId, parentSpanId: place.spanId },
      { name: 'project batch', traceId: expect.not.stringMatching(place.traceId), links: [place] },
    ]);
  });
});

describe('an event whose payload lies in the body store', () => {
  const text = JSON.stringify({ n: '1.0', filler: 'x'.repeat(700_000) });
  const eventId = newEventId(Date.now(), randomBytes(10));

  it('names its payload, and has it when it is asked for in full', async () => {
    const publisher = new Publisher(region.bus);
    const logger = createLogger({ service: 'test', region: REGION, level: 'silent' });
    const common = { bus: region.bus, region: REGION, peers: [], key: undefined, urlOf: () => undefined, logger };
    const bodies = openBodies({ ...common, publish: publisher.publish, maxBytesInMemory: 1_000_000, nowMs: () => Date.now() });
    const bodyRef = await bodies.keep(Buffer.from(text), 'g');
    const about = { eventId, eventType: 'order.paid', tenantId: 'acme', source: 'api', region: REGION, correlationId: eventId, bodyRef };
    const body = joinRawData({ version: 3, minCompatible: 2, ...about, timestamp: new Date().toISOString() }, Buffer.from('null'));
    const { seq } = await publisher.publish({ subject: subjects.fact(REGION, 'g', 'event.accepted'), body, msgId: eventId });
    publisher.close();
    await region.caughtUp(seq);
    expect((await region.get(`/v1/events/${eventId}`)).body).toMatchObject({ payload: 'referenced', bodyRef, data: null });
    expect((await region.get(`/v1/events/${eventId}?payload=full`)).body).toMatchObject({
      payload: 'present',
      bodyRef,
      data: JSON.parse(text),
    });
    expect((await region.get(`/v1/events/${eventId}?payload=half`)).status).toBe(422);
  });
});
