import { z } from 'zod';
import { regionIdSchema } from './placement.ts';

/** The states of a region; `docs/regions.md` draws them. */
export const REGION_STATES = ['active', 'draining', 'drained', 'failed', 'recovering'] as const;
export type RegionState = (typeof REGION_STATES)[number];

const instant = z.iso.datetime();

/**
 * What the control bucket holds of a region: its state and its lease in one record, so that a renewal and a takeover can never both succeed.
 * The region's dispatcher renews it (`renewedAt`, for people: others judge by their own clocks since when its revision has not changed).
 */
export const regionRecordSchema = z.object({
  v: z.literal(1),
  region: regionIdSchema,
  state: z.enum(REGION_STATES),
  /** Raised by every change of state. */
  epoch: z.int().min(1),
  /** Percent of its work that the region is given: 100 when active, 25 to 75 while it recovers, else 0. */
  share: z.int().min(0).max(100),
  /** The region that an operator chose to stand in. */
  to: regionIdSchema.optional(),
  since: instant,
  who: z.string(),
  why: z.string(),
  how: z.enum(['manual', 'automatic']),
  /** The operator knew that the region was down or cut off. */
  forced: z.boolean().optional(),
  renewedAt: instant,
  /** The process that renewed it last. */
  holder: z.string(),
});
export type RegionRecord = z.infer<typeof regionRecordSchema>;

/** How a region is doing, written by its dispatcher every two seconds; old reports say nothing. */
export const regionReportSchema = z.object({
  v: z.literal(1),
  region: regionIdSchema,
  at: instant,
  /** Plans that wait for a first attempt. */
  queueDepth: z.number(),
  inFlight: z.number(),
  /** Percent of the attempts that may be in flight. */
  concurrencyPercent: z.number(),
  /** Failed attempts of all attempts in the last minute, 0 to 1. */
  errorRate: z.number(),
  /** True while the thresholds of `spillover` say that new events should go elsewhere. */
  spilling: z.boolean(),
  /** Age of the newest beat of each other region as seen here, in ms: how far replication is behind. Absent: none arrived yet. */
  lagMs: z.record(z.string(), z.number()),
});
export type RegionReport = z.infer<typeof regionReportSchema>;

export const CONTROL_BUCKET = 'control';
/** Keys of the control bucket. */
export const controlKeys = {
  region: (region: string): string => `region.${region}`,
  report: (region: string): string => `report.${region}`,
};
/** Core NATS subject on which a region says, once a second, whether it can write to the control bucket. */
export const quorumSubject = (region: string): string => `wbq.${region}`;
