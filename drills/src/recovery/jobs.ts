import { monotonicMs, pause } from '@waybill/bench';
import { isJobEnded, JOB_STATES, type JobChange, type JobState } from '@waybill/contracts';
import { z } from 'zod';
import { finding } from '../proof.ts';
import { ask, type Asked, askPatiently, wanted } from './ask.ts';

const jobSchema = z.object({
  id: z.string(),
  state: z.enum(JOB_STATES),
  ratePerSecond: z.number(),
  plan: z.object({ deliveries: z.number(), events: z.number(), skipped: z.record(z.string(), z.number()) }).nullable(),
  progress: z.object({ done: z.number(), skipped: z.record(z.string(), z.number()), total: z.number() }),
  detail: z.string().optional(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
});

/** A job as the API shows it. */
export type ShownJob = z.infer<typeof jobSchema>;

const PLANNED_BUDGET_MS = 120_000;
const POLL_MS = 200;
const PAUSED_MS = 5_000;
/** A pause takes a second to be heeded, and progress is told every two. */
const HEEDED_MS = 4_000;

/** Makes a job that waits for its start, and waits until it is counted. Throws with the problem when it is refused. */
export async function makeJob(asked: Asked, path: '/v1/dead-letters/redrive' | '/v1/replays', body: object): Promise<ShownJob> {
  const { id } = wanted(await ask(asked, 'POST', path, { reason: 'drill', ...body }), 201, jobSchema);
  return untilState(asked, id, ['planned'], PLANNED_BUDGET_MS);
}

export const readJob = async (asked: Asked, id: string): Promise<ShownJob> =>
  wanted(await askPatiently(asked, 'GET', `/v1/jobs/${id}`), 200, jobSchema);

/** Waits until a job is in one of these states, or over. Throws when that takes longer than the budget. */
export async function untilState(asked: Asked, id: string, states: readonly JobState[], budgetMs: number): Promise<ShownJob> {
  for (const deadline = monotonicMs() + budgetMs; ; await pause(POLL_MS)) {
    const job = await readJob(asked, id);
    if (states.includes(job.state) || isJobEnded(job)) return job;
    if (monotonicMs() > deadline) throw new Error(`the job ${id} is ${job.state} after ${budgetMs} ms: ${JSON.stringify(job.progress)}`);
  }
}

const STATE_AFTER: Readonly<Partial<Record<JobChange, JobState>>> = { start: 'running', pause: 'paused', resume: 'running' };

/** Commands a job. A command whose answer was lost is refused when it is given again: it counts when the job is where it should be. */
export async function commandJob(asked: Asked, id: string, change: 'start' | 'pause' | 'resume'): Promise<ShownJob> {
  const answer = await askPatiently(asked, 'POST', `/v1/jobs/${id}/${change}`, { reason: 'drill' });
  if (answer.status === 200) return jobSchema.parse(answer.body);
  const job = await readJob(asked, id);
  if (job.state === STATE_AFTER[change] || isJobEnded(job)) return job;
  throw new Error(`${change} of ${id} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
}

/** Lets a job wait for five seconds. Findings: it was over before, or went on all the same. */
export async function pauseOnce(asked: Asked, id: string): Promise<string[]> {
  const { state } = await commandJob(asked, id, 'pause');
  if (state !== 'paused') return finding('could not be paused', [`it was ${state}`]);
  await pause(HEEDED_MS);
  const before = await readJob(asked, id);
  await pause(PAUSED_MS - HEEDED_MS);
  const after = await readJob(asked, id);
  await commandJob(asked, id, 'resume');
  const moved = after.progress.done - before.progress.done;
  return finding('planned while it was paused', moved === 0 ? [] : [`${moved} deliveries`]);
}

/** Deliveries a second, from start to end; null when it did not come to both. */
export function rateOf({ startedAt, endedAt, progress }: ShownJob): number | null {
  if (startedAt === null || endedAt === null) return null;
  const seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1_000;
  return Math.round((progress.done / Math.max(0.001, seconds)) * 10) / 10;
}

/** Findings when a job did not end as `done` with everything planned. */
export function jobFindings({ state, detail, plan, progress }: ShownJob, expected: number): string[] {
  return [
    ...finding('the job did not end well', state === 'done' ? [] : [`${state}: ${detail ?? ''}`]),
    ...finding('counted otherwise than there were', plan?.deliveries === expected ? [] : [`${plan?.deliveries} of ${expected}`]),
    ...finding('told another number than was planned', progress.done === expected ? [] : [`${progress.done} of ${expected}`]),
  ];
}
