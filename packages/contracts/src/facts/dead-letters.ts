import { z } from 'zod';
import { factIds } from './fact-ids.ts';

const { deliveryId, eventId, endpointId, tenantId, instant } = factIds;

/** Who did something, and why. `actor`: as the caller names itself, else the name of its key. */
export const byWhomSchema = z.object({ actor: z.string().min(1).max(200), reason: z.string().min(1).max(1_000) });
export type ByWhom = z.infer<typeof byWhomSchema>;

/** Most dead letters that one fact discards. */
export const MOST_DISCARDED = 1_000;

/** `dead_letter.discarded`: nobody wants these any more. `ids` as the read models name dead letters: delivery ids, or ids of events that were set aside. */
export const deadLettersDiscardedSchema = z.object({
  v: z.literal(1),
  region: z.string(),
  ids: z.array(z.string()).min(1).max(MOST_DISCARDED),
  by: byWhomSchema,
  at: instant,
});
export type DeadLettersDiscarded = z.infer<typeof deadLettersDiscardedSchema>;

/**
 * `delivery.instructed`: an operator wants a delivery that has no end yet to be tried now, or not any more (`skip`: it becomes a dead letter with the
 * reason `skipped`). The region that holds it acts; where it ended meanwhile, nobody does.
 */
export const deliveryInstructedSchema = z.object({
  v: z.literal(1),
  instruction: z.enum(['retry', 'skip']),
  deliveryId,
  eventId,
  tenantId,
  endpointId,
  region: z.string(),
  by: byWhomSchema,
  at: instant,
});
export type DeliveryInstructed = z.infer<typeof deliveryInstructedSchema>;
