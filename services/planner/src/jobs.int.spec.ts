import { randomBytes } from 'node:crypto';
import {
  deliveryIdOf,
  type Endpoint,
  type EndpointId,
  foldJob,
  HEADERS,
  type Job,
  type JobId,
  joinRawData,
  type ListedItem,
  newEventId,
  newJobId,
  type PlanHead,
  planHeadSchema,
  readJobFact,
  replayDeliveryId,
  splitRawData,
  streamNames,
  subjects,
  type TenantId,
} from '@waybill/contracts';
import type { RunningService } from '@waybill/runtime';
import { eventually, startNats, testLogger, type TestNats } from '@waybill/testkit';
import { type Bus, connectBus, Publisher, RegistryView, RegistryWriter, scanStream } from '@waybill/transport';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startPlanner } from './start-planner.ts';

const region = 'local';
const { log } = streamNames(region);
const at = '2026-01-01T00:00:00.000Z';
const by = { actor: 'spec', reason: 'spec' };
const endpointId = 'ep_a' as EndpointId;

describe('jobs of a planner on a real log', () => {
  let nats: TestNats;
  let bus: Bus;
  let publisher: Publisher;
  let registry: RegistryView;
  let planner: RunningService | undefined;
  let count = 0;

  const start = async (): Promise<void> => {
    planner = await startPlanner({ NATS_URL: nats.url, REGION: region, LOG_LEVEL: 'silent' });
  };
  const fact = async (type: 'job.created' | 'job.listed' | 'job.changed', body: object): Promise<number> => {
    const message = { subject: subjects.fact(region, 'l', type), body: JSON.stringify(body), msgId: `spec ${(count += 1)}` };
    return (await publisher.publish(message)).seq;
  };
  const accept = async (): Promise<ListedItem> => {
    const eventId = newEventId(Date.now(), randomBytes(10));
    const about = { eventType: 'order.paid', timestamp: at, region, tenantId: 'acme', source: 'api', correlationId: eventId };
    const head = { version: 3, minCompatible: 2, eventId, ...about };
    const subject = subjects.fact(region, 'g', 'event.accepted');
    const { seq } = await publisher.publish({
      subject,
      body: joinRawData(head, Buffer.from('{"n":1.0}')),
      msgId: eventId,
      headers: { [HEADERS.registryRevision]: String(registry.revision) },
    });
    const event = { stream: log, seq };
    return { id: deliveryIdOf(eventId, endpointId), kind: 'delivery', eventId, tenantId: 'acme', endpointId, event };
  };
  const plans = async (): Promise<PlanHead[]> => {
    const found: PlanHead[] = [];
    await scanStream(bus, { stream: log, subjects: [subjects.factFilter(region, 'plan.made')] }, ({ body }) => {
      found.push(planHeadSchema.parse(splitRawData(body).head));
    });
    return found;
  };
  const replayed = async (): Promise<PlanHead[]> => (await plans()).filter(({ replay }) => replay !== undefined);
  const job = async (id: JobId): Promise<Job | undefined> => {
    let state: Job | undefined;
    await scanStream(bus, { stream: log, subjects: subjects.jobFacts(region) }, ({ subject, body }) => {
      const told = readJobFact(subject, body);
      if (told?.fact.jobId === id) state = foldJob(state, told);
    });
    return state;
  };
  const create = async (jobId: JobId, change: object): Promise<JobId> => {
    await fact('job.created', { v: 1, jobId, region, ratePerSecond: 5_000, start: true, lists: [], by, at, ...change });
    return jobId;
  };
  const newId = (): JobId => newJobId(Date.now(), randomBytes(10));
  const redrive = async (items: readonly ListedItem[], change: object = {}): Promise<JobId> => {
    const jobId = newId();
    const lists = [await fact('job.listed', { v: 1, jobId, part: 0, items, at })];
    return create(jobId, { spec: { kind: 'redrive', filter: { tenantId: 'acme' } }, lists, ...change });
  };
  const ended = (id: JobId, how: Job['state']): Promise<void> => eventually(async () => (await job(id))?.state === how);
  const planned = async (items: readonly ListedItem[]): Promise<void> => {
    const ids = new Set(items.map(({ eventId }) => eventId));
    await eventually(async () => (await plans()).filter(({ event }) => ids.has(event.eventId)).length === ids.size);
  };

  beforeAll(async () => {
    nats = await startNats({ region });
    bus = await connectBus({ servers: nats.url, name: 'jobs-spec' });
    publisher = new Publisher(bus);
    registry = await RegistryView.follow(bus, testLogger(), region);
    const secrets = [{ key: `whsec_${'A'.repeat(32)}` }];
    const endpoint = { id: 'ep_a', tenantId: 'acme' as TenantId, url: 'https://example.com/h', eventTypes: ['order.*'], secrets };
    await new RegistryWriter(bus, region, registry).create('endpoint', ['acme', 'ep_a'], {
      ...endpoint,
      createdAt: at,
      updatedAt: at,
    } as Endpoint);
  });
  afterAll(async () => {
    registry.close();
    publisher.close();
    await bus.close();
    await nats.cleanup();
  });
  beforeEach(() => bus.jsm.streams.purge(log));
  afterEach(async () => {
    await planner?.close();
    planner = undefined;
  });

  it('redrives dead letters: counts them, plans each once under an id of the job, and tells its end', async () => {
    await start();
    const items = await Promise.all([accept(), accept(), accept()]);
    await planned(items);
    const gone = { id: 'dlv_gone', endpointId: 'ep_gone' as EndpointId };
    const id = await redrive([...items, { ...(await accept()), ...gone }]);
    await ended(id, 'done');
    const counted = { deliveries: 3, events: 3, endpointCount: 1, skipped: { endpoint_deleted: 1 } };
    expect(await job(id)).toMatchObject({ plan: counted, done: 3, skipped: { endpoint_deleted: 1 } });
    const made = await replayed();
    const owed = items.map((item) => [{ deliveryId: replayDeliveryId(id, item.eventId, endpointId), endpointId, replayOf: item.id }]);
    expect(made.map(({ deliveries }) => deliveries)).toEqual(owed);
    expect(made[0]).toMatchObject({ replay: { jobId: id, kind: 'redrive' }, acceptedSeq: items[0]?.event.seq });
  });

  it('goes on after the planner was closed and NATS was killed, and plans nothing twice', async () => {
    await start();
    const from = new Date(Date.now() - 60_000).toISOString();
    const items = await Promise.all(Array.from({ length: 150 }, accept));
    await planned(items);
    const spec = { kind: 'replay', from, to: new Date(Date.now() + 1_000).toISOString(), destinations: 'then' };
    const id = await create(newId(), { spec, ratePerSecond: 60 });
    await eventually(async () => (await replayed()).length > 20);
    await planner?.close();
    await start();
    await eventually(async () => (await replayed()).length > 60);
    await nats.kill();
    await nats.restart();
    await eventually(() => bus.isUp());
    await eventually(async () => (await job(id).catch(() => undefined))?.state === 'done');
    expect(await job(id)).toMatchObject({ plan: { deliveries: 150, events: 150 }, done: 150, skipped: {} });
    const made = (await replayed()).flatMap(({ deliveries }) => deliveries.map(({ deliveryId }) => deliveryId));
    expect(made.toSorted()).toEqual(items.map(({ eventId }) => replayDeliveryId(id, eventId, endpointId)).toSorted());
  });

  it('is paused and goes on, and replays what came in into an endpoint of now', async () => {
    const items = await Promise.all(Array.from({ length: 20 }, accept));
    const range = { from: new Date(Date.now() - 60_000).toISOString(), to: new Date(Date.now() + 1_000).toISOString() };
    const id = await create(newId(), { spec: { kind: 'replay', ...range, destinations: 'now', into: endpointId }, ratePerSecond: 10 });
    await start();
    await eventually(async () => (await replayed()).length > 2);
    const change = { v: 1, jobId: id, by, at };
    await fact('job.changed', { ...change, change: 'pause' });
    await eventually(async () => JSON.stringify(await (await fetch(`${planner?.url ?? ''}/health/ready`)).json()).includes(`${id} paused`));
    await fact('job.changed', { ...change, change: 'rate', ratePerSecond: 1_000 });
    await fact('job.changed', { ...change, change: 'resume' });
    await ended(id, 'done');
    expect(await job(id)).toMatchObject({ done: items.length, ratePerSecond: 1_000 });
    expect(await replayed()).toHaveLength(items.length);
  });
});
