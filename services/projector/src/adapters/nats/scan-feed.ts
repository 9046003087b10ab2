import { type Bus, type Incoming, scanStream } from '@waybill/transport';
import type { LogMessage } from '../../application/follow-log.ts';
import type { Feed } from '../../application/in-batches.ts';
import type { FactStream } from './log-feed.ts';
import { originOf } from './origin.ts';

/** Messages asked for at once, and the bytes that they should not come to together. */
const LARGEST_WINDOW = 10_000;
const SMALLEST_WINDOW = 100;
const WINDOW_BYTES = 32_000_000;

/**
 * Reads LOG or PEERS after a sequence, in order, to `upTo` (or the present end), through ephemeral consumers: the durable one goes on serving another.
 * Windows shrink where messages are large, so that what waits in memory stays near `WINDOW_BYTES`. Throws when the connection is lost.
 */
export function openScanFeed(bus: Bus, stream: FactStream, { after, upTo }: { after: number; upTo: number }): Feed<LogMessage> {
  const stop = new AbortController();
  return { stop: () => stop.abort(), [Symbol.asyncIterator]: () => read(bus, stream, { after, upTo, signal: stop.signal }) };
}

interface Stretch {
  readonly after: number;
  readonly upTo: number;
  readonly signal: AbortSignal;
}

async function* read(bus: Bus, { name, holdsCopies }: FactStream, { after, upTo, signal }: Stretch): AsyncGenerator<LogMessage, void> {
  let size = LARGEST_WINDOW / 10;
  for (let from = after + 1; from <= upTo && !signal.aborted;) {
    const toSeq = Math.min(upTo, from + size - 1);
    const window: LogMessage[] = [];
    let bytes = 0;
    await scanStream(bus, { stream: name, subjects: ['>'], fromSeq: from, toSeq }, (message) => {
      window.push(logMessage(message, holdsCopies));
      bytes += message.body.length;
    });
    yield* window;
    from = toSeq + 1;
    const fitting = window.length === 0 ? LARGEST_WINDOW : Math.floor(WINDOW_BYTES / (bytes / window.length + 1));
    size = Math.min(LARGEST_WINDOW, Math.max(SMALLEST_WINDOW, fitting));
  }
}

const logMessage = (message: Incoming, holdsCopies: boolean): LogMessage => ({
  subject: message.subject,
  body: message.body,
  stream: message.stream,
  seq: message.seq,
  timestampMs: message.timestampMs,
  ...(holdsCopies ? { origin: originOf({ get: (name) => message.header(name) }) } : {}),
  ack: () => undefined,
});
