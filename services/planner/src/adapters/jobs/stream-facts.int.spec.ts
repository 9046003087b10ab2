import { type EventId, type JobStretch, joinRawData, newEventId, streamNames, subjects } from '@waybill/contracts';
import { startNats, type TestNats } from '@waybill/testkit';
import { type Bus, connectBus, Publisher } from '@waybill/transport';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { StreamFacts } from './stream-facts.ts';

const DAY_MS = 86_400_000;
const { peers } = streamNames('us');
const daysAgo = (days: number): number => Date.now() - days * DAY_MS;

let nats: TestNats;
let bus: Bus;
let publisher: Publisher;

/** Copies an event now that was accepted then; the plan is made with it. */
async function copy(region: string, acceptedMs: number, type: 'event.accepted' | 'plan.made' = 'event.accepted'): Promise<number> {
  const eventId: EventId = newEventId(acceptedMs, crypto.getRandomValues(new Uint8Array(10)));
  const subject = type === 'plan.made' ? subjects.plan(region, 'g', region) : subjects.fact(region, 'g', type);
  const head = type === 'plan.made' ? { event: { eventId }, at: new Date(acceptedMs).toISOString() } : { eventId };
  return (await publisher.publish({ subject, body: joinRawData(head, Buffer.from('{}')), msgId: `${type} ${eventId}` })).seq;
}

beforeAll(async () => {
  nats = await startNats({ region: 'us' });
  bus = await connectBus({ servers: nats.url, name: 'stream-facts-spec' });
  publisher = new Publisher(bus);
  await bus.jsm.streams.add({ name: peers, subjects: ['wb.eu.>', 'wb.ap.>'], allow_direct: true });
});
afterAll(async () => {
  publisher.close();
  await bus.close();
  await nats.cleanup();
});

it('a range holds what was copied late: after days without a link, or when PEERS was made anew', async () => {
  const facts = new StreamFacts({ bus, region: 'us', others: ['eu', 'ap'] });
  const inPeers = async (kind: 'accepted' | 'plans', from: number, to: number): Promise<JobStretch | undefined> =>
    (await facts.stretches(kind, { fromMs: daysAgo(from), toMs: daysAgo(to) })).find(({ stream }) => stream === peers);
  const first = await copy('eu', daysAgo(3));
  // One region is in time, another is not.
  await copy('ap', Date.now());
  const event = await copy('eu', daysAgo(2.5));
  const plan = await copy('eu', daysAgo(2.5), 'plan.made');
  await copy('eu', Date.now());
  expect((await inPeers('accepted', 4, 2))?.fromSeq).toBe(first);
  expect((await inPeers('accepted', 4, 2))?.toSeq).toBeGreaterThanOrEqual(event);
  expect((await inPeers('plans', 4, 2))?.toSeq).toBeGreaterThanOrEqual(plan);
  expect(await inPeers('accepted', 6, 5)).toMatchObject({ fromSeq: first, toSeq: first - 1 });
});
