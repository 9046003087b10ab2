import { ByteBudget, ObjectBucket } from '@waybill/bodies';
import { bodyBuckets, type BodyRef, bodyRefSchema, parseFactSubject, splitRawData } from '@waybill/contracts';
import type { Bus } from '@waybill/transport';
import { z } from 'zod';

/**
 * The payload of an event as the LOG has it; `bodyRef` when it lies in the body store. `referenced`: it lies there and was not asked for, or is not in this
 * region. `unreadable`: what lies in the LOG is no event. `expired`: the LOG has dropped it. `unreachable`: NATS is away.
 */
export type Payload =
  | { readonly kind: 'present'; readonly data: Buffer; readonly bodyRef?: BodyRef }
  | { readonly kind: 'referenced'; readonly bodyRef: BodyRef }
  | { readonly kind: 'unreadable'; readonly message: Buffer }
  | { readonly kind: 'expired' }
  | { readonly kind: 'unreachable' };

/** Reads the payload of an event from its place in a LOG, and when `whole` is set from the body store. Never throws. */
export type ReadPayload = (event: { id: string; stream: string; accepted_seq: number }, whole?: boolean) => Promise<Payload>;

const headSchema = z.looseObject({ eventId: z.string(), bodyRef: bodyRefSchema.optional() });
/** Large payloads that are being read at once. */
const AT_ONCE_BYTES = 67_108_864;

/**
 * Reads payloads by direct get, from LOG or PEERS. A stream that was made anew may hold another event at that place: it counts as expired, until
 * PEERS is read again and the event's new place is known. So does an event that only later facts tell of.
 */
export function payloadReader(bus: () => Bus | undefined, region: string): ReadPayload {
  const budget = new ByteBudget(AT_ONCE_BYTES);
  return async ({ id, stream, accepted_seq: seq }, whole = false) => {
    if (seq === 0) return { kind: 'expired' };
    const connected = bus();
    if (connected === undefined || !connected.isUp()) return { kind: 'unreachable' };
    try {
      const message = await connected.jsm.direct.getMessage(stream, { seq });
      if (message === null) return { kind: 'expired' };
      const payload = payloadOf(id, message.data);
      if (payload.kind !== 'referenced' || !whole) return payload;
      const { bodyRef } = payload;
      const { own, copies } = bodyBuckets(region);
      const bucket = new ObjectBucket(connected, bodyRef.region === region ? own : copies);
      await budget.take(bodyRef.bytes);
      try {
        const reading = await bucket.get({ sha256: bodyRef.sha256, scope: parseFactSubject(message.subject)?.scope ?? 'g' });
        return reading.kind === 'present' ? { kind: 'present', data: reading.body, bodyRef } : payload;
      } finally {
        budget.give(bodyRef.bytes);
      }
    } catch {
      return { kind: 'unreachable' };
    }
  };
}

function payloadOf(id: string, body: Uint8Array): Payload {
  try {
    const { head, data } = splitRawData(body);
    const { eventId, bodyRef } = headSchema.parse(head);
    if (eventId !== id) return { kind: 'expired' };
    return bodyRef === undefined ? { kind: 'present', data } : { kind: 'referenced', bodyRef };
  } catch {
    return { kind: 'unreadable', message: Buffer.from(body) };
  }
}

/** What is said of a payload beside its bytes. */
export const payloadView = (payload: Payload) => ({
  payload: payload.kind,
  ...('bodyRef' in payload ? { bodyRef: payload.bodyRef } : {}),
});
