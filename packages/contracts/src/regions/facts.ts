import { z } from 'zod';
import type { DeliveryId } from '../ids.ts';
import { regionIdSchema } from './placement.ts';
import { REGION_STATES } from './records.ts';

const instant = z.iso.datetime();

/** `region.changed`: a region's state or share became another. Appended by the region that made the change, about any region. */
export const regionChangedSchema = z.object({
  v: z.literal(1),
  region: regionIdSchema,
  state: z.enum(REGION_STATES),
  epoch: z.int().min(1),
  share: z.int().min(0).max(100),
  to: regionIdSchema.optional(),
  who: z.string(),
  why: z.string(),
  how: z.enum(['manual', 'automatic']),
  at: instant,
});
export type RegionChanged = z.infer<typeof regionChangedSchema>;

/** `region.beat`: the canary. Its age in another region's PEERS is the lag of that pair. */
export const regionBeatSchema = z.object({ v: z.literal(1), region: regionIdSchema, at: instant });
export type RegionBeat = z.infer<typeof regionBeatSchema>;

/** Which threshold of `spillover` was crossed. */
export const SPILL_REASONS = ['queue_depth', 'concurrency', 'error_rate', 'below_all'] as const;

/** `region.spilled`: a region began or stopped to hand new events on, with the values that decided it. */
export const regionSpilledSchema = z.object({
  v: z.literal(1),
  region: regionIdSchema,
  spilling: z.boolean(),
  because: z.enum(SPILL_REASONS),
  queueDepth: z.number(),
  concurrencyPercent: z.number(),
  errorRate: z.number(),
  at: instant,
});
export type RegionSpilled = z.infer<typeof regionSpilledSchema>;

/** `takeover.claimed`: from now on region `by` brings these deliveries of region `of` to their end. */
export const takeoverClaimedSchema = z.object({
  v: z.literal(1),
  of: regionIdSchema,
  by: regionIdSchema,
  epoch: z.int().min(1),
  deliveryIds: z.array(z.string().transform((id) => id as DeliveryId)),
  at: instant,
});
export type TakeoverClaimed = z.infer<typeof takeoverClaimedSchema>;

/** `takeover.closed`: region `by` takes nothing of region `of` over any more in this role; what it claimed before stays with it. */
export const takeoverClosedSchema = z.object({
  v: z.literal(1),
  of: regionIdSchema,
  by: regionIdSchema,
  epoch: z.int().min(1),
  role: z.enum(['planner', 'dispatcher']),
  at: instant,
});
export type TakeoverClosed = z.infer<typeof takeoverClosedSchema>;
