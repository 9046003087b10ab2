import { randomBytes } from 'node:crypto';
import { type EventId, joinRawData, newEventId, type TenantId, timeOfId } from '@waybill/contracts';
import { startNats, type TestNats } from '@waybill/testkit';
import { type Bus, connectBus, Publisher } from '@waybill/transport';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planLocator } from './plan-locator.ts';

const PEERS = 'PEERS_EU';
const SUBJECT = 'wb.us.g.plan.made';
let nats: TestNats;
let bus: Bus;
let publisher: Publisher;

/** What replication makes, without another region: the same subjects and headers. */
const makePeers = () => bus.jsm.streams.add({ name: PEERS, subjects: ['wb.us.g.>'], allow_direct: true });

beforeAll(async () => {
  nats = await startNats();
  bus = await connectBus({ servers: nats.url, name: 'test' });
  publisher = new Publisher(bus);
  await makePeers();
});
afterAll(async () => {
  publisher.close();
  await bus.close();
  await nats.cleanup();
});

async function append(eventId: string, deliverIn = 'eu'): Promise<number> {
  const at = new Date().toISOString();
  const event = {
    eventType: 'order.paid',
    tenantId: 'acme' as TenantId,
    source: 'api',
    region: 'us',
    timestamp: at,
    correlationId: eventId,
  };
  const head = { v: 1, event, region: deliverIn, acceptedSeq: 1, registryRevision: 0, deliveries: [], at };
  const { seq } = await publisher.publish({
    subject: `${SUBJECT}.${deliverIn}`,
    msgId: `plan:${eventId}:${deliverIn}`,
    body: joinRawData(head, Buffer.from('{}')),
  });
  return seq;
}

const newId = (atMs = Date.now()) => newEventId(atMs, randomBytes(10));

const beat = (atMs: number) => {
  const body = JSON.stringify({ v: 1, region: 'us', at: new Date(atMs).toISOString() });
  return publisher.publish({ subject: 'wb.us.g.region.beat', msgId: `beat:us:${atMs}`, body });
};
const sought = (eventId: EventId, knownSinceMs = 0) => ({ eventId, madeSinceMs: timeOfId(eventId) ?? 0, knownSinceMs });

describe('plans in a copy that was made anew', () => {
  it('are found by their event, wherever they are now', async () => {
    const find = planLocator(bus, 'eu', ['us']);
    const [first, second] = [newId(), newId()];
    const [was] = [await append(first), await append(second)];
    await bus.jsm.streams.delete(PEERS);
    await makePeers();
    await append(newId());
    const [now, other] = [await append(first), await append(second)];
    expect(now).not.toBe(was);
    expect([await find(PEERS, sought(first)), await find(PEERS, sought(second)), await find(PEERS, sought(newId()))]).toEqual([
      [now],
      [other],
      [],
    ]);
  });

  it('are looked for as far back as their event goes, and anew when that is further than before', async () => {
    const find = planLocator(bus, 'eu', ['us']);
    const old = newId(Date.now() - 3_600_000);
    await find(PEERS, sought(newId()));
    const seq = await append(old);
    expect(await find(PEERS, sought(old))).toEqual([seq]);
  });

  it('are lost only when all that was written until then has arrived', async () => {
    const eventId = newId();
    const knownSinceMs = Date.now() + 1_000_000;
    await beat(knownSinceMs - 1);
    await expect(planLocator(bus, 'eu', ['us'])(PEERS, sought(eventId, knownSinceMs))).rejects.toThrow('has not arrived');
    await expect(planLocator(bus, 'eu', ['us', 'ap'])(PEERS, sought(eventId, 1))).rejects.toThrow('has not arrived');
    await beat(knownSinceMs);
    expect(await planLocator(bus, 'eu', ['us'])(PEERS, sought(eventId, knownSinceMs))).toEqual([]);
  });

  it('are not looked for in a LOG', async () => {
    expect(await planLocator(bus, 'eu', ['us'])('LOG_EU', sought(newId()))).toEqual([]);
  });

  it('are looked for again after a reading that failed', async () => {
    const find = planLocator(bus, 'eu', ['us']);
    const eventId = newId();
    await bus.jsm.streams.delete(PEERS);
    await expect(find(PEERS, sought(eventId))).rejects.toThrow();
    await makePeers();
    const seq = await append(eventId);
    expect(await find(PEERS, sought(eventId))).toEqual([seq]);
  });

  it('are all found when an event has several, the newest first', async () => {
    const eventId = newId();
    const [first, second] = [await append(eventId), await append(eventId, 'us')];
    expect(await planLocator(bus, 'eu', ['us'])(PEERS, sought(eventId))).toEqual([second, first]);
  });
});
