import type { LiveFrame } from '@waybill/contracts';

/** What makes queries old: the part of a frame, and the first parts of their keys. `stats` are figures of everything that happens. */
const KINDS: readonly (readonly [part: keyof LiveFrame, ...kinds: string[]])[] = [
  ['events', 'events', 'schemas', 'stats'],
  ['deliveries', 'deliveries', 'events', 'stats'],
  ['deadLetters', 'dead-letters', 'stats'],
  ['dispatches', 'dispatches'],
  ['jobs', 'jobs'],
  ['regions', 'regions', 'settings'],
  ['audit', 'audit'],
  ['registry', 'endpoints', 'tenants'],
  ['stats', 'stats'],
];

/** First parts of the keys of queries that a frame makes old, each once. */
export const kindsOf = (frame: LiveFrame): string[] => [
  ...new Set(KINDS.flatMap(([part, ...kinds]) => (frame[part] === undefined ? [] : kinds))),
];
