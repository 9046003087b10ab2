import { userInfo } from 'node:os';
import { jobSpecSchema } from '@waybill/contracts';
import { z } from 'zod';
import { duration, table } from '../terminal/print.ts';

const countsSchema = z.record(z.string(), z.number());
/** What an answer may leave out or say is null. */
const number = z
  .number()
  .nullish()
  .transform((value) => value ?? undefined);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);

/** A job as `GET /v1/jobs/{id}` tells it, as far as the terminal shows it. */
export const jobSchema = z.object({
  id: z.string(),
  kind: z.string(),
  region: z.string(),
  state: z.string(),
  spec: jobSpecSchema,
  ratePerSecond: z.number(),
  plan: z
    .object({
      deliveries: z.number(),
      events: z.number(),
      endpoints: z.array(z.object({ tenantId: z.string(), endpointId: z.string(), count: z.number() })),
      endpointCount: z.number(),
      skipped: countsSchema,
    })
    .nullable(),
  progress: z.object({
    done: z.number(),
    skipped: countsSchema,
    total: number,
    percent: number,
    ratePerSecond: number,
    etaSeconds: number,
  }),
  by: z.object({ actor: z.string(), reason: z.string() }),
  detail: text,
  createdAt: z.string(),
  endedAt: text,
});
export type JobView = z.output<typeof jobSchema>;

const ENDED: ReadonlySet<string> = new Set(['done', 'cancelled', 'failed', 'expired']);
export const isOver = ({ state }: Pick<JobView, 'state'>): boolean => ENDED.has(state);

/** Who acts, for the log: the user of this machine. A name that cannot be written down is left out. */
export function actorHeader(env: NodeJS.ProcessEnv): Record<string, string> {
  const name = env['WAYBILL_ACTOR'] ?? userName();
  // A header holds bytes; they are read as UTF-8.
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,200}$/u.test(name) ? { 'waybill-actor': Buffer.from(name).toString('latin1') } : {};
}

/** A container may run as a user that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}

const total = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

const skippedText = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ');

/** What a job will send, before anything is sent. */
export function planLines({ plan }: JobView): string[] {
  if (plan === null) return ['  not planned yet'];
  const { deliveries, events, endpoints, endpointCount, skipped } = plan;
  const rows = endpoints.map(({ tenantId, endpointId, count }) => [`    ${String(count).padStart(8)}`, endpointId, tenantId]);
  return [
    `  ${deliveries} deliveries of ${events} events to ${endpointCount} ${endpointCount === 1 ? 'endpoint' : 'endpoints'}`,
    ...table(rows),
    ...(endpointCount > endpoints.length ? [`    … and ${endpointCount - endpoints.length} more endpoints`] : []),
    ...(total(skipped) > 0 ? [`  left out: ${skippedText(skipped)}`] : []),
  ];
}

/** How far a job is, as one line. */
export function progressLine({ state, progress }: JobView): string {
  const { done, percent, ratePerSecond, etaSeconds, skipped } = progress;
  const parts = [
    `${state}: ${done}${progress.total === undefined ? '' : ` of ${progress.total}`}`,
    percent === undefined ? '' : `${percent.toFixed(1)} %`,
    ratePerSecond === undefined ? '' : `${ratePerSecond.toFixed(1)}/s`,
    total(skipped) === 0 ? '' : `left out: ${skippedText(skipped)}`,
    etaSeconds === undefined ? '' : `about ${duration(etaSeconds * 1_000)} left`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** A job for a terminal. */
export function jobLines(job: JobView): string[] {
  return [
    `${job.id}  ${job.kind} in ${job.region}`,
    `  ${job.createdAt}  by ${job.by.actor}: ${job.by.reason}`,
    `  asked for: ${JSON.stringify(job.spec)}, at most ${job.ratePerSecond}/s`,
    ...planLines(job),
    `  ${progressLine(job)}`,
    ...(job.detail === undefined ? [] : [`  ${job.detail}`]),
  ];
}
