import { timeOfId } from '@waybill/contracts';

/**
 * When an event was accepted, in ms since 1970: from its id, for that is the same in every region, else from the first of `texts` that is a time;
 * 0 when none is. Never the time of a stream: a copy is stored later than what it is a copy of.
 */
export function eventTimeMs(eventId: string, ...texts: readonly (string | undefined)[]): number {
  return timeOfId(eventId) ?? texts.map((text) => Date.parse(text ?? '')).find((ms) => !Number.isNaN(ms)) ?? 0;
}
