import type { Before } from '../working-set.ts';

/** As if a store were empty. */
export const NOTHING_BEFORE: Before = {
  events: new Map(),
  deliveries: new Map(),
  attempts: new Map(),
  deadLetters: new Map(),
  resolutions: new Map(),
  claims: new Map(),
  dispatches: new Map(),
  targets: new Map(),
  reports: new Map(),
  sweeps: new Map(),
  intakeMarks: new Map(),
};
