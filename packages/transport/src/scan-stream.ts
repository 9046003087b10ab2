import { AckPolicy, type Consumer, type ConsumerConfig, DeliverPolicy } from '@nats-io/jetstream';
import { nuid } from '@nats-io/nats-core';
import { z } from 'zod';
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
  /** At most so many messages; absent: all. */
  readonly most?: number;
  /** Body left out, for scans that need headers alone. */
  readonly headersOnly?: boolean;
}

const BATCH = 1_000;
const REQUEST_MS = 5_000;
/** A scan that its process did not finish is forgotten by the server. */
const FORGET_AFTER_NS = 60_000_000_000;

/**
 * Reads a stream in order to its present end, to `toSeq`, or until there were `most`, through an ephemeral consumer. `visit` is called once a message.
 * Throws when the stream is missing or the connection is lost; the caller starts again.
 */
export async function scanStream(bus: Bus, options: ScanOptions, visit: (message: Incoming) => void): Promise<void> {
  const { stream, fromSeq = 1, toSeq = Number.MAX_SAFE_INTEGER, most = Number.MAX_SAFE_INTEGER } = options;
  if (toSeq < fromSeq) return;
  const consumer = await openScan(bus, options);
  const { num_pending } = await consumer.info();
  const total = Math.min(num_pending, most);
  let position = Math.max(0, fromSeq - 1);
  for (let read = 0; read < total && position < toSeq;) {
    const messages = await consumer.fetch({ max_messages: Math.min(BATCH, total - read, toSeq - position), expires: 5_000 });
    const before = read;
    for await (const message of messages) {
      read += 1;
      // What was handed out while the connection was lost does not come again.
      if (message.info.deliverySequence !== read) throw new Error(`the scan of ${stream} has a gap after ${position}`);
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

const createdSchema = z.object({ error: z.object({ err_code: z.number(), description: z.string() }).optional() });

/**
 * Makes the consumer under a name of its own. nats.js asks without one when there are several filters, and such a request may concern any consumer of
 * the stream: no permission could then keep a service off the cursors of others (nats-server 2.15.1).
 */
async function openScan({ nc, js }: Bus, options: ScanOptions): Promise<Consumer> {
  const { stream } = options;
  const name = `scan_${nuid.next()}`;
  const request = { stream_name: stream, config: { name, ...configOf(options) }, action: 'create' };
  const reply = await nc.request(`$JS.API.CONSUMER.CREATE.${stream}.${name}`, JSON.stringify(request), { timeout: REQUEST_MS });
  const { error } = createdSchema.parse(reply.json());
  if (error !== undefined) throw Object.assign(new Error(error.description), { code: error.err_code });
  return js.consumers.get(stream, name);
}

function configOf({ subjects, headersOnly, fromSeq, fromTimeMs }: ScanOptions): Partial<ConsumerConfig> {
  const common = {
    ack_policy: AckPolicy.None,
    max_deliver: 1,
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: FORGET_AFTER_NS,
    filter_subjects: [...subjects],
    headers_only: headersOnly === true,
  };
  if (fromSeq !== undefined) return { ...common, deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: Math.max(1, fromSeq) };
  if (fromTimeMs === undefined) return { ...common, deliver_policy: DeliverPolicy.All };
  return { ...common, deliver_policy: DeliverPolicy.StartTime, opt_start_time: new Date(fromTimeMs).toISOString() };
}
