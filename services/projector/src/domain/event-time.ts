const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_SORTABLE = /^[a-z]+_([0-9a-hjkmnp-tv-z]{10})[0-9a-hjkmnp-tv-z]{16}$/;

/** The milliseconds since 1970 that a time-sortable id begins with; undefined for ids of another making. */
function timeOfId(id: string): number | undefined {
  const digits = TIME_SORTABLE.exec(id)?.[1];
  if (digits === undefined) return undefined;
  let ms = 0;
  for (const digit of digits) ms = ms * 32 + CROCKFORD.indexOf(digit);
  return ms;
}

/**
 * When an event was accepted, in ms since 1970: from its id, for that is the same in every region, else from the first of `texts` that is a time;
 * 0 when none is. Never the time of a stream: a copy is stored later than what it is a copy of.
 */
export function eventTimeMs(eventId: string, ...texts: readonly (string | undefined)[]): number {
  return timeOfId(eventId) ?? texts.map((text) => Date.parse(text ?? '')).find((ms) => !Number.isNaN(ms)) ?? 0;
}
