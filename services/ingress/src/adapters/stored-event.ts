import { HEADERS, splitRawData, streamNames, WaybillError } from '@waybill/contracts';
import type { Bus } from '@waybill/transport';
import { z } from 'zod';
import type { AcceptEventPorts, StoredEvent } from '../application/accept-event.ts';

const idSchema = z.object({ eventId: z.string().transform((id) => id as StoredEvent['eventId']) });
const NO_MESSAGE_FOUND = 10_037;

/**
 * Reads an accepted event back from the LOG. Asks the stream's leader, not any copy as a direct get may: a copy that lags would say that
 * an event, which was just acked, is not there, and it would then be stored twice.
 */
export function readStoredEvent(bus: Bus, region: string): AcceptEventPorts['readStored'] {
  const stream = streamNames(region).log;
  return async (seq) => {
    try {
      const message = await bus.jsm.streams.getMessage(stream, { seq });
      if (message === null) return undefined;
      const { eventId } = idSchema.parse(splitRawData(message.data).head);
      return { eventId, bodyHash: message.header.get(HEADERS.bodyHash), atMs: message.time.getTime() };
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === NO_MESSAGE_FOUND) return undefined;
      if (error instanceof z.ZodError || error instanceof SyntaxError) throw error;
      throw new WaybillError('WB_NATS_AWAY', 'the event stored before cannot be read', { cause: error, extra: { retryAfterSeconds: 1 } });
    }
  };
}
