import { type Consequence, deliveryRefusedSchema } from '@waybill/contracts';
import { z } from 'zod';

const ids = deliveryRefusedSchema.pick({ deliveryId: true, eventId: true, tenantId: true, endpointId: true });

/**
 * What a fired schedule says: ids only. The payload is read again from the plan, where this region has it: its LOG or PEERS. `scope`: that of the
 * plan, and of all facts about the delivery. `parked`: how often this attempt was put off for want of a place. `notBeforeMs`: this attempt cannot
 * have been made before that time (ms since 1970), so own facts of before say nothing about it. `uncounted`: attempts that used up nothing. `limitedSinceMs`:
 * when GitHub first asked to slow down. `lookFirst`: another region may have made this dispatch without this one having heard of it.
 */
export const dueDeliverySchema = ids.extend({
  v: z.literal(1),
  scope: z.enum(['g', 'l']).default('g'),
  attempt: z.int().min(1),
  parked: z.int().min(0).default(0),
  notBeforeMs: z.int().min(0).optional(),
  uncounted: z.int().min(0).optional(),
  limitedSinceMs: z.int().min(0).optional(),
  lookFirst: z.boolean().optional(),
  plan: z.object({ stream: z.string(), seq: z.int().min(1) }),
});
export type DueDelivery = z.infer<typeof dueDeliverySchema>;

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
