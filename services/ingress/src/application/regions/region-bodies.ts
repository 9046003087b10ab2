import { REGION_STATES, regionIdSchema, regionRecordSchema, regionReportSchema } from '@waybill/contracts';
import { z } from 'zod';

const reason = z.string().trim().min(1, 'say why').max(500);

/** The body of `POST /admin/failover/{region}`. `force`: the region is known to be down or cut off. */
export const failoverBodySchema = z
  .strictObject({ to: regionIdSchema.optional(), reason, dryRun: z.boolean().default(false), force: z.boolean().default(false) })
  .meta({ id: 'FailoverOrder' });
export type FailoverOrder = z.output<typeof failoverBodySchema>;

/** The body of `POST /admin/regions/{region}/drain`. */
export const drainBodySchema = z.strictObject({ reason }).meta({ id: 'DrainOrder' });

/** The body of `POST /admin/regions/{region}/activate`. `force`: nobody is there who could hand the work back. */
export const activateBodySchema = z.strictObject({ reason, force: z.boolean().default(false) }).meta({ id: 'ActivateOrder' });

const stepSchema = z.object({ step: z.string(), ok: z.boolean(), detail: z.string(), at: z.iso.datetime() });
export type Step = z.output<typeof stepSchema>;

/** What was done, and what the region's record says now. */
export const regionOutcomeSchema = z
  .object({ region: z.string(), steps: z.array(stepSchema), record: regionRecordSchema })
  .meta({ id: 'RegionOutcome' });
export type RegionOutcome = z.output<typeof regionOutcomeSchema>;

/** What a failover would do. */
export const failoverPlanSchema = z
  .object({
    region: z.string(),
    dryRun: z.literal(true),
    moves: z.array(z.object({ tenantId: z.string(), to: z.string() })),
    stays: z.array(z.object({ tenantId: z.string(), because: z.enum(['strict', 'no_failover', 'nobody_available']) })),
  })
  .meta({ id: 'FailoverPlan' });
export type FailoverPlan = z.output<typeof failoverPlanSchema>;

const { to, who, why, how, forced } = regionRecordSchema.shape;
const { queueDepth, inFlight, errorRate, spilling, lagMs } = regionReportSchema.shape;

/** A region as `GET /v1/regions` shows it; `unknown`: it has not been started, or nothing could be read yet. */
const regionViewSchema = z
  .object({
    id: z.string(),
    cloudRegion: z.string(),
    url: z.string().optional(),
    state: z.enum([...REGION_STATES, 'unknown']),
    share: z.number(),
    epoch: z.int(),
    to,
    since: z.string().optional(),
    who: who.optional(),
    why: why.optional(),
    how: how.optional(),
    forced,
    leaseAgeMs: z.number().optional(),
    report: z.object({ queueDepth, inFlight, errorRate, spilling, lagMs }).optional(),
    isSelf: z.boolean(),
  })
  .meta({ id: 'Region' });
export type RegionView = z.output<typeof regionViewSchema>;

export const regionsSchema = z
  .object({ data: z.array(regionViewSchema), control: z.object({ ok: z.boolean(), detail: z.string().optional() }) })
  .meta({ id: 'Regions' });
export type Regions = z.output<typeof regionsSchema>;
