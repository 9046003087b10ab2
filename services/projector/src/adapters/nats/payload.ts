import { splitRawData } from '@waybill/contracts';
import type { Bus } from '@waybill/transport';
import { z } from 'zod';

/** The payload of an event as the LOG has it. `unreadable`: what lies there is no event. `expired`: the LOG has dropped it. `unreachable`: NATS is away. */
export type Payload =
  | { readonly kind: 'present'; readonly data: Buffer }
  | { readonly kind: 'unreadable'; readonly message: Buffer }
  | { readonly kind: 'expired' }
  | { readonly kind: 'unreachable' };

/** Reads the payload of an event from its place in a LOG. Never throws. */
export type ReadPayload = (event: { id: string; stream: string; accepted_seq: number }) => Promise<Payload>;

const headSchema = z.looseObject({ eventId: z.string() });

/**
 * Reads payloads by direct get, from LOG or PEERS. A stream that was made anew may hold another event at that place: it counts as expired, until
 * PEERS is read again and the event's new place is known. So does an event that only later facts tell of.
 */
export const payloadReader =
  (bus: () => Bus | undefined): ReadPayload =>
  async ({ id, stream, accepted_seq: seq }) => {
    if (seq === 0) return { kind: 'expired' };
    const connected = bus();
    if (connected === undefined || !connected.isUp()) return { kind: 'unreachable' };
    try {
      const message = await connected.jsm.direct.getMessage(stream, { seq });
      return message === null ? { kind: 'expired' } : payloadOf(id, message.data);
    } catch {
      return { kind: 'unreachable' };
    }
  };

function payloadOf(id: string, body: Uint8Array): Payload {
  try {
    const { head, data } = splitRawData(body);
    return headSchema.parse(head).eventId === id ? { kind: 'present', data } : { kind: 'expired' };
  } catch {
    return { kind: 'unreadable', message: Buffer.from(body) };
  }
}
