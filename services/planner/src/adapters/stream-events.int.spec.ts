import { streamNames, subjects } from '@waybill/contracts';
import { startNats, type TestNats } from '@waybill/testkit';
import { type Bus, connectBus, Publisher } from '@waybill/transport';
import { afterEach } from 'vitest';
import { eventLogConformance } from '../testing/event-log.conformance.ts';
import { StreamEvents } from './stream-events.ts';

const stream = streamNames('us').log;
let nats: TestNats;
let bus: Bus;
let publisher: Publisher;

afterEach(async () => {
  publisher.close();
  await bus.close();
  await nats.cleanup();
});

/** A server for each: right after a stream was deleted and made anew, a direct get may still be answered by the old one (2.15.1), and a purge keeps sequences. */
eventLogConformance('a stream', async () => {
  nats = await startNats({ region: 'us' });
  bus = await connectBus({ servers: nats.url, name: 'spec' });
  publisher = new Publisher(bus);
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
