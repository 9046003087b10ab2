import { z } from 'zod';
import { deliveryRefusedSchema } from '../facts/facts.ts';

const ids = deliveryRefusedSchema.pick({ deliveryId: true, eventId: true, tenantId: true, endpointId: true });

/**
 * What a fired schedule says: ids only. The payload is read again from the plan, where this region has it: its LOG or PEERS. `scope`: that of the
 * plan, and of all facts about the delivery. `parked`: how often this attempt was put off for want of a place. `notBeforeMs`: this attempt cannot
 * have been made before that time (ms since 1970), so own facts of before say nothing about it. `uncounted`: attempts that used up nothing. `limitedSinceMs`:
 * when GitHub first asked to slow down. `lookFirst`: another region may have made this dispatch without this one having heard of it. `replay`: a job made
 * it, so it waits behind what is live. `skip`: an operator does not want it any more, so instead of being tried it ends as a dead letter. `order`: its place among the deliveries of its endpoint with the same ordering
 * key, by the LOG of the region that accepted its event; `waits`: it was put off because another one comes first;
 * `behind`: how often that was so. `trace`: where its plan was handled, `lastTrace`: its attempt before this one, as `traceparent`; absent: not recorded.
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
  replay: z.string().optional(),
  skip: z.boolean().optional(),
  order: z
    .object({ key: z.string(), region: z.string(), seq: z.int().min(0), waits: z.boolean().optional(), behind: z.int().min(0).optional() })
    .optional(),
  plan: z.object({ stream: z.string(), seq: z.int().min(1) }),
  trace: z.string().optional(),
  lastTrace: z.string().optional(),
});
export type DueDelivery = z.infer<typeof dueDeliverySchema>;
