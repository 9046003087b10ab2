import { HEADERS, streamNames, subjects, traceparentOf } from '@waybill/contracts';
import { startNats, type TestNats } from '@waybill/testkit';
import { type Bus, connectBus, Publisher } from '@waybill/transport';
import { afterEach, expect, it } from 'vitest';
import { eventLogConformance } from '../testing/event-log.conformance.ts';
import { RecordedSpans } from '../testing/recorded-spans.ts';
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
const connect = async (): Promise<void> => {
  nats = await startNats({ region: 'us' });
  bus = await connectBus({ servers: nats.url, name: 'spec' });
  publisher = new Publisher(bus);
};

eventLogConformance('a stream', async () => {
  await connect();
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

it('gives an event of a recorded trace a place in it, and none to others', async () => {
  await connect();
  const subject = subjects.fact('us', 'g', 'event.accepted');
  const writer = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
  for (const [n, headers] of [{ [HEADERS.traceparent]: traceparentOf(writer) }, {}].entries())
    await publisher.publish({ subject, body: '{}', headers, msgId: String(n) });
  const log = new StreamEvents({ bus, of: 'us', stream, subjects: [subject], tracing: new RecordedSpans() });
  const read = (place: number) => log.read({ kind: 'accepted', type: 'event.accepted', place, seq: place, storedMs: 0 });
  expect(await read(1)).toMatchObject({ trace: { traceId: writer.traceId }, found: { type: 'event.accepted', writer } });
  expect(await read(2)).not.toHaveProperty('trace');
});
