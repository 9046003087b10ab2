import type { EventId } from '@waybill/contracts';

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_SORTABLE = /^evt_([0-9a-hjkmnp-tv-z]{10})/;

/** When an event was accepted, ms since 1970, by the clock of the region that did: its id begins with it. Undefined for ids of another making. */
export function acceptedAtMs(eventId: EventId): number | undefined {
  const time = TIME_SORTABLE.exec(eventId)?.[1];
  return time === undefined ? undefined : time.split('').reduce((ms, digit) => ms * 32 + CROCKFORD.indexOf(digit), 0);
}
