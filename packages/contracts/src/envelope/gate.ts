import type { EventSchema } from './envelope.ts';

/** Why an event is set aside unread. */
export const GATE_REFUSALS = ['drop_incompatible', 'reader_too_old'] as const;
export type GateVerdict = 'accept' | (typeof GATE_REFUSALS)[number];

/**
 * Whether a reader that speaks `schema` may read an event.
 * Too new wins over too old: an event that asks for a newer reader is parked, never dropped.
 */
export function judgeVersion(event: { version: number; minCompatible: number }, schema: EventSchema): GateVerdict {
  if (event.minCompatible > schema.version) return 'reader_too_old';
  return event.version >= schema.minCompatible ? 'accept' : 'drop_incompatible';
}
