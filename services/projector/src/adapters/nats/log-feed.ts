import { CONSUMERS, HEADERS, recordedContext } from '@waybill/contracts';
import type { Bus } from '@waybill/transport';
import type { LogMessage } from '../../application/follow-log.ts';
import type { Feed } from '../../application/in-batches.ts';
import { originOf } from './origin.ts';

type Consumer = Awaited<ReturnType<Bus['js']['consumers']['get']>>;
type Messages = Awaited<ReturnType<Consumer['consume']>>;
type Received = Messages extends AsyncIterable<infer M> ? M : never;

/** Messages asked for ahead: two batches, so that one is under way while the other is written. */
const AHEAD = 1_000;

/**
 * LOG, or PEERS, which holds copies: only of those is it asked where they came from, for parsing headers costs more than reading the rest. `isTraced`: it is
 * asked of all whether their trace is recorded.
 */
export interface FactStream {
  readonly name: string;
  readonly holdsCopies: boolean;
  readonly isTraced?: boolean;
}

/**
 * Makes the projector's durable consumer start again right after `after` and reads from there. Without the reset the consumer would go on
 * where its own acknowledgements are, and come back later for what was not acknowledged: out of order.
 * The feed ends when the connection is lost or the consumer is deleted.
 */
export async function openLogFeed(bus: Bus, stream: FactStream, after: number): Promise<Feed<LogMessage>> {
  await bus.jsm.consumers.reset(stream.name, CONSUMERS.projector, after + 1);
  const consumer = await bus.js.consumers.get(stream.name, CONSUMERS.projector);
  const messages = await consumer.consume({ max_messages: AHEAD, abort_on_missing_resource: true });
  const stop = (): void => messages.stop();
  const forget = bus.onDisconnect(stop);
  void messages.closed().then(forget, forget);
  return { stop, [Symbol.asyncIterator]: () => read(messages, stream) };
}

async function* read(messages: Messages, { holdsCopies, isTraced }: FactStream): AsyncGenerator<LogMessage, void> {
  for await (const message of messages) {
    const plain = logMessage(message);
    const placed = holdsCopies ? { ...plain, origin: originOf(message.headers) } : plain;
    const trace = isTraced === true ? recordedContext(message.headers?.get(HEADERS.traceparent) ?? '') : undefined;
    yield trace === undefined ? placed : { ...placed, trace };
  }
}

const logMessage = (message: Received): LogMessage => ({
  subject: message.subject,
  body: message.data,
  stream: message.info.stream,
  seq: message.seq,
  timestampMs: Math.floor(message.info.timestampNanos / 1e6),
  ack: () => message.ack(),
});
