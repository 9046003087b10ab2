import { WaybillError } from '@waybill/contracts';
import type { Bus } from '@waybill/transport';
import type { ReadMessage } from '../application/retry-due.ts';

/**
 * Reads one message of a stream by direct get, which any replica answers. A replica may lag, so only the leader's word counts for "not there".
 * Rejects with WB_NATS_AWAY when nobody answers.
 */
export function readMessageOf(bus: Bus): ReadMessage {
  return async (stream, seq) => {
    try {
      const message = (await bus.jsm.direct.getMessage(stream, { seq })) ?? (await bus.jsm.streams.getMessage(stream, { seq }));
      return message?.data;
    } catch (error) {
      throw new WaybillError('WB_NATS_AWAY', `message ${seq} of ${stream} cannot be read: ${String(error)}`, { cause: error });
    }
  };
}
