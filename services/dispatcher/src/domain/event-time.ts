const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME = /^[a-z]+_([0-9a-z]{10})[0-9a-z]{16}$/;

/** When an event was accepted, in ms since 1970, as its time-sortable id says; undefined for ids of another making. */
export function eventTimeMs(eventId: string): number | undefined {
  const digits = Array.from(TIME.exec(eventId)?.[1] ?? '', (character) => CROCKFORD.indexOf(character));
  if (digits.length === 0 || digits.includes(-1)) return undefined;
  return digits.reduce((time, digit) => time * 32 + digit, 0);
}
