import type { Consequence } from '@waybill/contracts';

/** The last thing known of a delivery: its newest attempt and what followed from it. */
export interface KnownAttempt {
  readonly attempt: number;
  readonly next: Consequence;
}

/** What is left to do for attempt `attempt`, given what was done before: try it, make sure its retry is scheduled, or nothing. */
export type Remaining = { readonly kind: 'attempt' } | { readonly kind: 'schedule'; readonly dueMs: number } | { readonly kind: 'nothing' };

/** A delivery that ended, or whose attempt or a later one was made, is not tried again; a retry that follows from it may still lack its schedule. */
export function remainingOf(attempt: number, known: KnownAttempt | undefined): Remaining {
  if (known === undefined) return { kind: 'attempt' };
  if (known.next.kind !== 'retry' || known.attempt > attempt) return { kind: 'nothing' };
  return known.attempt === attempt ? { kind: 'schedule', dueMs: Date.parse(known.next.at) } : { kind: 'attempt' };
}
