import { DeliverPolicy, type OrderedConsumerOptions } from '@nats-io/jetstream';
import type { Bus } from './bus.ts';
import { type Incoming, StreamMessage } from './incoming.ts';

export interface ScanOptions {
  readonly stream: string;
  /** Subject filters; they must not overlap. */
  readonly subjects: readonly string[];
  /** First sequence to read; at most one of this and `fromTimeMs`. Neither: from the beginning. */
  readonly fromSeq?: number;
  readonly fromTimeMs?: number;
  /** Last sequence to read; neither: to the present end. */
  readonly toSeq?: number;
  /** Body left out, for scans that need headers alone. */
  readonly headersOnly?: boolean;
}

const BATCH = 1_000;

/**
 * Reads a stream in order to its present end, or to `toSeq`, through an ephemeral ordered consumer. `visit` is called once a message.
 * Throws when the stream is missing or the connection is lost; the caller starts again.
 */
export async function scanStream(bus: Bus, options: ScanOptions, visit: (message: Incoming) => void): Promise<void> {
  const { stream, fromSeq = 1, toSeq = Number.MAX_SAFE_INTEGER } = options;
  if (toSeq < fromSeq) return;
  const consumer = await bus.js.consumers.get(stream, orderedFrom(options));
  const { num_pending: total } = await consumer.info();
  let position = Math.max(0, fromSeq - 1);
  for (let read = 0; read < total && position < toSeq;) {
    const messages = await consumer.fetch({ max_messages: Math.min(BATCH, total - read, toSeq - position), expires: 5_000 });
    const before = read;
    for await (const message of messages) {
      read += 1;
      position = message.seq;
      if (position > toSeq) break;
      visit(new StreamMessage(message));
    }
    if (read === before && (await consumer.info()).num_pending > 0)
      throw new Error(`the scan of ${stream} stalled after ${read} of ${total} messages`);
    // What was counted expired or was purged meanwhile.
    if (read === before) break;
  }
  await consumer.delete();
}

function orderedFrom(options: ScanOptions): Partial<OrderedConsumerOptions> {
  const common = { filter_subjects: [...options.subjects], ...(options.headersOnly === true ? { headers_only: true } : {}) };
  if (options.fromSeq !== undefined)
    return { ...common, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: Math.max(1, options.fromSeq) };
  if (options.fromTimeMs !== undefined) {
    return { ...common, deliver_policy: DeliverPolicy.StartTime, opt_start_time: new Date(options.fromTimeMs).toISOString() };
  }
  return { ...common, deliver_policy: DeliverPolicy.All };
}
