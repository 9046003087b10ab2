import { byWhomSchema, isJobEnded, type Job, JOB_KINDS, JOB_STATES, jobPlannedSchema, jobSpecSchema } from '@waybill/contracts';
import { z } from 'zod';

const { deliveries, events, endpoints, endpointCount, skipped } = jobPlannedSchema.shape;

/** A job as it is shown. `plan`: what it will send, null while that is counted. `skipped`: by reason. */
export const jobViewSchema = z
  .object({
    id: z.string(),
    kind: z.enum(JOB_KINDS),
    region: z.string(),
    state: z.enum(JOB_STATES),
    spec: jobSpecSchema,
    ratePerSecond: z.number(),
    plan: z.object({ deliveries, events, endpoints, endpointCount, skipped }).nullable(),
    progress: z.object({
      done: z.int(),
      skipped,
      total: z.int(),
      percent: z.number(),
      /** As measured in the last ten seconds or so. */
      ratePerSecond: z.number(),
      etaSeconds: z.int().optional(),
    }),
    by: byWhomSchema,
    detail: z.string().optional(),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    updatedAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Job' });
export type JobView = z.output<typeof jobViewSchema>;

const sumOf = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((sum, count) => sum + count, 0);
const rounded = (value: number): number => Math.round(value * 10) / 10;

function progressOf(job: Job, rate: number): JobView['progress'] {
  const { done, plan, state } = job;
  const total = plan === undefined ? 0 : plan.deliveries + sumOf(plan.skipped);
  const passed = done + sumOf(job.skipped);
  const percent = state === 'done' ? 100 : total === 0 ? 0 : Math.min(100, (passed * 100) / total);
  const counts = { done, skipped: job.skipped, total, percent: rounded(percent), ratePerSecond: rounded(rate) };
  if (isJobEnded(job) || rate <= 0) return counts;
  return { ...counts, etaSeconds: Math.ceil(Math.max(0, total - passed) / rate) };
}

/** Shows a job; `rate` is what it came to lately, in deliveries a second. */
export function jobView(job: Job, rate: number): JobView {
  const { id, kind, region, state, spec, ratePerSecond, by, detail, createdAt, updatedAt } = job;
  return {
    id,
    kind,
    region,
    state,
    spec,
    ratePerSecond,
    plan: job.plan === undefined ? null : planOf(job.plan),
    progress: progressOf(job, rate),
    by,
    ...(detail === undefined ? {} : { detail }),
    createdAt,
    startedAt: job.startedAt ?? null,
    updatedAt,
    endedAt: job.endedAt ?? null,
  };
}

const planOf = ({ deliveries: count, events: from, endpoints: most, endpointCount: all, skipped: left }: NonNullable<Job['plan']>) => ({
  deliveries: count,
  events: from,
  endpoints: most,
  endpointCount: all,
  skipped: left,
});
