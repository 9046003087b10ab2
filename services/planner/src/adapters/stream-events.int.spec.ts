import { streamNames, subjects } from '@waybill/contracts';
import { startNats, type TestNats } from '@waybill/testkit';
import { type Bus, connectBus, provision, Publisher, regionTopology } from '@waybill/transport';
import { afterAll, beforeAll } from 'vitest';
import { eventLogConformance } from '../testing/event-log.conformance.ts';
import { StreamEvents } from './stream-events.ts';

const stream = streamNames('us').log;
let nats: TestNats;
let bus: Bus;
let publisher: Publisher;

beforeAll(async () => {
  nats = await startNats();
  bus = await connectBus({ servers: nats.url, name: 'spec' });
  publisher = new Publisher(bus);
});
afterAll(async () => {
  publisher.close();
  await bus.close();
  await nats.cleanup();
});

eventLogConformance('a stream', async () => {
  // A purge would keep the sequences.
  await bus.jsm.streams.delete(stream).catch(() => undefined);
  await provision(bus, regionTopology('us'));
  const read = [
    subjects.fact('us', 'g', 'event.accepted'),
    subjects.factFilter('us', 'event.refused'),
    subjects.factFilter('us', 'plan.made'),
  ];
  let count = 0;
  return {
    log: new StreamEvents({ bus, of: 'us', stream, subjects: read }),
    store: async (subject, body, headers = {}) => {
      count += 1;
      return (await publisher.publish({ subject, body, headers, msgId: String(count) })).seq;
    },
  };
});
