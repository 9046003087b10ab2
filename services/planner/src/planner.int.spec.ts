import {
  CONSUMERS,
  type Endpoint,
  HEADERS,
  joinRawData,
  type PlanHead,
  splitRawData,
  streamNames,
  subjects,
  type TenantId,
} from '@waybill/contracts';
import type { RunningService } from '@waybill/runtime';
import { eventually, startNats, testLogger, type TestNats } from '@waybill/testkit';
import { type Bus, connectBus, Publisher, RegistryView, RegistryWriter, scanStream, type Stored } from '@waybill/transport';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startPlanner } from './start-planner.ts';

const region = 'local';
const { log } = streamNames(region);
const at = '2026-01-01T00:00:00.000Z';

describe('the planner on a real log', () => {
  let nats: TestNats;
  let bus: Bus;
  let publisher: Publisher;
  let registry: RegistryView;
  let writer: RegistryWriter;
  let planner: RunningService | undefined;

  const start = async (): Promise<void> => {
    planner = await startPlanner({ NATS_URL: nats.url, REGION: region, LOG_LEVEL: 'silent' });
  };
  const accept = (eventId: string, change: object = {}, headers: Record<string, string> = {}): Promise<Stored> => {
    const head = {
      version: 3,
      minCompatible: 2,
      eventId,
      eventType: 'order.paid',
      timestamp: at,
      region,
      tenantId: 'acme',
      source: 'api',
      correlationId: eventId,
      ...change,
    };
    return publisher.publish({
      subject: subjects.fact(region, 'g', 'event.accepted'),
      body: joinRawData(head, Buffer.from('{"n":1.0}')),
      msgId: eventId,
      headers,
    });
  };
  const facts = async (type: 'plan.made' | 'event.refused'): Promise<{ head: PlanHead; raw: string }[]> => {
    const found: { head: PlanHead; raw: string }[] = [];
    await scanStream(bus, { stream: log, subjects: [subjects.factFilter(region, type)] }, ({ body }) => {
      const text = Buffer.from(body).toString();
      const split = type === 'plan.made' ? splitRawData(body) : { head: JSON.parse(text) as unknown, data: Buffer.from('') };
      found.push({ head: split.head as PlanHead, raw: split.data.toString() });
    });
    return found;
  };
  const addEndpoint = (id: string): Promise<number> => {
    const record = {
      id,
      tenantId: 'acme' as TenantId,
      url: 'https://example.com/h',
      eventTypes: ['order.*'],
      secrets: [{ key: `whsec_${'A'.repeat(32)}` }],
      createdAt: at,
      updatedAt: at,
    };
    return writer.create('endpoint', ['acme', id], record as Endpoint);
  };

  beforeAll(async () => {
    nats = await startNats({ region });
  });
  afterAll(() => nats.cleanup());
  beforeEach(async () => {
    bus = await connectBus({ servers: nats.url, name: 'planner-spec' });
    await bus.jsm.streams.purge(log);
    publisher = new Publisher(bus);
    registry = await RegistryView.follow(bus, testLogger(), region);
    writer = new RegistryWriter(bus, region, registry);
  });
  afterEach(async () => {
    await planner?.close();
    planner = undefined;
    registry.close();
    publisher.close();
    await bus.close();
  });

  it('makes one plan an event, with the payload once and a delivery per endpoint that subscribes', async () => {
    const revision = await addEndpoint('ep_a');
    await start();
    await accept('evt_planned', {}, { [HEADERS.registryRevision]: String(revision) });
    await accept('evt_other', { eventType: 'user.created' });
    await eventually(async () => (await facts('plan.made')).length === 2);
    const [first, second] = await facts('plan.made');
    expect(first).toMatchObject({
      raw: '{"n":1.0}',
      head: { event: { eventId: 'evt_planned' }, region, deliveries: [{ endpointId: 'ep_a' }] },
    });
    expect(second).toMatchObject({ head: { event: { eventId: 'evt_other' }, deliveries: [] } });
  });

  it('sees an endpoint that was registered just before the event, whoever is faster', async () => {
    await start();
    const revision = await addEndpoint('ep_b');
    await accept('evt_fresh', {}, { [HEADERS.registryRevision]: String(revision) });
    await eventually(async () => (await facts('plan.made')).length === 1);
    expect((await facts('plan.made'))[0]?.head.deliveries.map(({ endpointId }) => endpointId)).toContain('ep_b');
  });

  it('refuses by version with a verdict, and records poison', async () => {
    await start();
    await accept('evt_old', { version: 1, minCompatible: 1 });
    await accept('evt_new', { version: 9, minCompatible: 9 });
    await publisher.publish({ subject: subjects.fact(region, 'g', 'event.accepted'), body: 'garbage', msgId: 'poison' });
    await eventually(async () => (await facts('event.refused')).length === 3);
    const verdicts = (await facts('event.refused')).map(({ head }) => ({ ...head })).map((head) => Reflect.get(head, 'verdict') as string);
    expect(verdicts.toSorted()).toEqual(['drop_incompatible', 'poison', 'reader_too_old']);
  });

  it('does not plan again what it planned before it died between append and ack, however long ago', async () => {
    const revision = await addEndpoint('ep_c');
    const accepted = await accept('evt_crash');
    await start();
    await eventually(async () => (await facts('plan.made')).length === 1);
    await planner?.close();
    // The ack is lost and the Msg-Id window has passed: the same event is handed out again, and a second plan would be stored.
    await bus.jsm.streams.update(log, { duplicate_window: 100e6 });
    const probe = { subject: subjects.fact(region, 'g', 'delivery.refused'), body: '{}', msgId: 'probe' };
    await publisher.publish(probe);
    // The server may go by the timer that it had set for the longer window.
    await eventually(async () => !(await publisher.publish(probe)).duplicate, 75_000);
    await bus.jsm.consumers.reset(log, 'planner', accepted.seq);
    await start();
    await accept('evt_after', {}, { [HEADERS.registryRevision]: String(revision) });
    await eventually(async () => (await facts('plan.made')).some(({ head }) => head.event.eventId === 'evt_after'));
    expect((await facts('plan.made')).filter(({ head }) => head.event.eventId === 'evt_crash')).toHaveLength(1);
    await bus.jsm.streams.update(log, { duplicate_window: 60e9 });
  }, 120_000);

  it('plans events with one ordering key in the order of the LOG, also when the first one was handed out to a process that died', async () => {
    await accept('evt_first', { orderingKey: 'k' });
    const consumer = await bus.js.consumers.get(log, CONSUMERS.planner);
    const handedOut = await consumer.next();
    expect(handedOut?.string()).toContain('evt_first');
    // It comes again later, as it does when its time to be acked is over.
    handedOut?.nak(2_000);
    await accept('evt_second', { orderingKey: 'k' });
    await accept('evt_other_key', { orderingKey: 'o' });
    await start();
    for (let n = 0; n < 20; n += 1) await accept(`evt_${n}`, { orderingKey: 'k' });
    await eventually(async () => (await facts('plan.made')).length === 23);
    const planned = (await facts('plan.made')).map(({ head }) => head.event.eventId);
    expect(planned[0]).toBe('evt_other_key');
    const later = Array.from({ length: 20 }, (_, n) => `evt_${n}`);
    expect(planned.slice(1)).toEqual(['evt_first', 'evt_second', ...later]);
  });

  it('goes on by itself after NATS was killed, and tells meanwhile that it waits', async () => {
    await start();
    await nats.kill();
    await eventually(async () => (await fetch(`${planner?.url ?? ''}/health/ready`)).status === 503);
    await nats.restart();
    await eventually(() => bus.isUp());
    await eventually(async () => (await accept('evt_back').catch(() => undefined)) !== undefined);
    await eventually(async () => (await facts('plan.made')).length === 1);
    await eventually(async () => (await fetch(`${planner?.url ?? ''}/health/ready`)).status === 200);
  });
});
