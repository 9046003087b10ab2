import { envelopeV3Schema, HEADERS, isWaybillError, recordedContext, splitRawData, WaybillError, timeOfId } from '@waybill/contracts';
import type { Bus } from '@waybill/transport';
import { z } from 'zod';
import type { KeyedEvents } from '../application/keyed-events.ts';

const idSchema = envelopeV3Schema.pick({ eventId: true });
const NO_MESSAGE_FOUND = 10_037;
/** Together with a publish before it, well under the 2 s in which a sender is told that NATS is away. */
const READ_MS = 1_500;

const away = (cause: unknown): WaybillError =>
  new WaybillError('WB_NATS_AWAY', 'the event stored before cannot be read', { cause, extra: { retryAfterSeconds: 1 } });

/** The client itself would wait as long for a server that is gone as for one that is slow. */
async function within<T>(budgetMs: number, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(reject, budgetMs, away(new Error(`no answer within ${budgetMs} ms`)));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Reads an accepted event back from its stream. Asks the stream's leader, not any copy as a direct get may: a copy that lags would say that
 * an event, which was just acked, is not there, and it would then be stored twice.
 *
 * The event counts from when it was accepted, not from when this stream stored it: a copy may come days later.
 */
export function readStoredEvent(bus: Bus, stream: string): KeyedEvents['readStored'] {
  return async (seq) => {
    if (!bus.isUp()) throw away(new Error('the connection is down'));
    try {
      const message = await within(READ_MS, bus.jsm.streams.getMessage(stream, { seq }));
      if (message === null) return undefined;
      const { eventId } = idSchema.parse(splitRawData(message.data).head);
      const { header, time } = message;
      const atMs = timeOfId(eventId) ?? time.getTime();
      const trace = recordedContext(header.get(HEADERS.traceparent));
      return { eventId, key: header.get(HEADERS.idempotency), bodyHash: header.get(HEADERS.bodyHash), atMs, trace };
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === NO_MESSAGE_FOUND) return undefined;
      if (error instanceof z.ZodError || error instanceof SyntaxError) throw error;
      throw isWaybillError(error) ? error : away(error);
    }
  };
}
