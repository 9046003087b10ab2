import { HEADERS, joinRawData, newEventId, streamNames, subjects } from '@waybill/contracts';
import { startNats, type TestNats } from '@waybill/testkit';
import { type Bus, connectBus, Publisher } from '@waybill/transport';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readStoredEvent } from './stored-event.ts';

const REGION = 'test';
const yearAgoMs = Date.now() - 365 * 86_400_000;
let nats: TestNats;
let bus: Bus;
beforeAll(async () => {
  nats = await startNats({ region: REGION });
  bus = await connectBus({ servers: nats.url, name: 'test' });
});
afterAll(async () => {
  await bus.close();
  await nats.cleanup();
});

it('an event counts from when it was accepted, however late its copy was stored', async () => {
  const eventId = newEventId(yearAgoMs, new Uint8Array(10));
  const publisher = new Publisher(bus);
  const { seq } = await publisher.publish({
    subject: subjects.fact(REGION, 'g', 'event.accepted'),
    body: joinRawData({ eventId }, Buffer.from('1')),
    msgId: eventId,
    headers: { [HEADERS.idempotency]: 'k', [HEADERS.bodyHash]: 'b' },
  });
  publisher.close();
  const readStored = readStoredEvent(bus, streamNames(REGION).log);
  expect(await readStored(seq)).toEqual({ eventId, key: 'k', bodyHash: 'b', atMs: yearAgoMs });
  expect(await readStored(seq + 1)).toBeUndefined();
});
