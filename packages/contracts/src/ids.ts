import { hash } from 'node:crypto';

type Branded<Name extends string> = string & { readonly __brand: Name };
export type EventId = Branded<'EventId'>;
export type DeliveryId = Branded<'DeliveryId'>;
export type EndpointId = Branded<'EndpointId'>;
export type TenantId = Branded<'TenantId'>;
export type SourceId = Branded<'SourceId'>;
export type JobId = Branded<'JobId'>;

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';

/** Encodes `bytes` as lower-case Crockford base32, five bits a character, most significant first; the last character is zero-padded. */
function base32(bytes: Uint8Array): string {
  let text = '';
  let buffered = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffered = (buffered << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += CROCKFORD[(buffered >> bits) & 31];
    }
    buffered &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + CROCKFORD[(buffered << (5 - bits)) & 31];
}

/**
 * A time-sortable id: prefix, 10 characters of milliseconds, 16 of randomness (the layout of ULID, in lower case).
 * `random` must hold 10 bytes. Two ids of the same millisecond are not ordered between themselves.
 */
export function timeSortableId(prefix: string, nowMs: number, random: Uint8Array): string {
  let time = '';
  let rest = nowMs;
  for (let digit = 0; digit < 10; digit += 1) {
    time = (CROCKFORD[rest % 32] ?? '0') + time;
    rest = Math.floor(rest / 32);
  }
  return `${prefix}_${time}${base32(random)}`;
}

const TIME_SORTABLE = /^[a-z]+_([0-9a-hjkmnp-tv-z]{10})[0-9a-hjkmnp-tv-z]{16}/;

/**
 * The time that a time-sortable id begins with, in ms since 1970: of an event, when it was accepted; of a delivery, the same, for its id begins with the
 * event's. Undefined for ids of another making.
 */
export function timeOfId(id: string): number | undefined {
  const digits = TIME_SORTABLE.exec(id)?.[1];
  if (digits === undefined) return undefined;
  let ms = 0;
  for (const digit of digits) ms = ms * 32 + CROCKFORD.indexOf(digit);
  return ms;
}

const ID_CHARACTERS = 26;
const bitsOf = (characters: string): number => {
  let bits = 0;
  for (const character of characters) bits = (bits << 5) | CROCKFORD.indexOf(character);
  return bits;
};

/** The 128 bits of a time-sortable id as 32 lower-case hex digits: 48 of milliseconds, 80 of randomness. Undefined for ids of another making. */
export function hexOfId(id: string): string | undefined {
  if (!TIME_SORTABLE.test(id)) return undefined;
  const from = id.indexOf('_') + 1;
  // The first two characters hold one byte, and four of the others twenty bits.
  let hex = (bitsOf(id.slice(from, from + 2)) & 255).toString(16).padStart(2, '0');
  for (let at = from + 2; at < from + ID_CHARACTERS; at += 4)
    hex += bitsOf(id.slice(at, at + 4))
      .toString(16)
      .padStart(5, '0');
  return hex;
}

export const newEventId = (nowMs: number, random: Uint8Array): EventId => timeSortableId('evt', nowMs, random) as EventId;
export const newJobId = (nowMs: number, random: Uint8Array): JobId => timeSortableId('job', nowMs, random) as JobId;
export const newEndpointId = (nowMs: number, random: Uint8Array): EndpointId => timeSortableId('ep', nowMs, random) as EndpointId;

/**
 * The delivery id of one event owed to one endpoint: a function of both, so a plan made twice names the same deliveries.
 * Starts with the event's own characters, so deliveries of one event sort together and by time.
 */
export function deliveryIdOf(eventId: EventId, endpointId: EndpointId): DeliveryId {
  const digest = hash('sha256', `${eventId} ${endpointId}`, 'buffer').subarray(0, 10);
  return `dlv_${eventId.slice(eventId.indexOf('_') + 1)}${base32(digest)}` as DeliveryId;
}

/**
 * The delivery id that a job gives to an event and an endpoint: a function of the three, so that a job that goes on after a crash names the same
 * deliveries. Begins with the job's time: nothing about such a delivery was stored before the job, so nobody has to read further back than that.
 */
export function replayDeliveryId(jobId: JobId, eventId: EventId, endpointId: EndpointId): DeliveryId {
  const digest = hash('sha256', `${jobId} ${eventId} ${endpointId}`, 'buffer').subarray(0, 20);
  return `${timeSortableId('dlv', timeOfId(jobId) ?? 0, digest.subarray(0, 10))}${base32(digest.subarray(10))}` as DeliveryId;
}
