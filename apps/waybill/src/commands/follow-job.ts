import { setTimeout as pause } from 'node:timers/promises';
import { createInterface } from 'node:readline/promises';
import type { Api } from '../client/api.ts';
import { actorHeader, isOver, jobSchema, type JobView, planLines, progressLine } from '../client/jobs.ts';
import { print, tell } from '../terminal/print.ts';

const LOOK_MS = 500;
const TELL_MS = 2_000;

export async function readJob(api: Api, id: string): Promise<JobView> {
  return jobSchema.parse(await api.get(`/v1/jobs/${encodeURIComponent(id)}`));
}

/** Gives a job a command; resolves with the job after it. */
export async function commandJob(api: Api, id: string, change: string, body: object = {}): Promise<JobView> {
  return jobSchema.parse(await api.request('POST', `/v1/jobs/${encodeURIComponent(id)}/${change}`, body, actorHeader(process.env)));
}

/** Looks until `isThere`, and says every two seconds how far the job is. */
export async function watchJob(api: Api, id: string, isThere: (job: JobView) => boolean): Promise<JobView> {
  let toldMs = 0;
  for (;;) {
    const job = await readJob(api, id);
    if (isThere(job)) return job;
    if (performance.now() - toldMs >= TELL_MS) {
      tell(progressLine(job));
      toldMs = performance.now();
    }
    await pause(LOOK_MS);
  }
}

/**
 * Waits for the plan of a new job, shows it, and starts it when that is wanted: `yes`, or a person says so. Then watches it to its end; who interrupts
 * that leaves the job running. Exit code 1 when it did not end as done.
 */
export async function planAndStart(api: Api, id: string, yes: boolean): Promise<void> {
  const planned = await watchJob(api, id, ({ state }) => state !== 'planning');
  print(`${planned.id}  ${planned.kind}, ${planned.state}`);
  for (const line of planLines(planned)) print(line);
  if (planned.plan?.deliveries === 0) {
    if (!isOver(planned)) await commandJob(api, id, 'cancel', { reason: 'nothing to send' });
    return tell('there is nothing to send');
  }
  if (isOver(planned)) return endOf(planned);
  if (!yes && !(await isWanted())) return tell(`nothing was sent. Start it with "npx waybill job ${id} start", or "… cancel".`);
  await commandJob(api, id, 'start');
  tell(`started; Ctrl-C leaves it running, "npx waybill job ${id} pause" pauses it`);
  endOf(await watchJob(api, id, isOver));
}

function endOf(job: JobView): void {
  print(progressLine(job));
  if (job.detail !== undefined) print(job.detail);
  if (job.state !== 'done') process.exitCode = 1;
}

/** Asks the person at the terminal; without one the answer is no. */
async function isWanted(): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question('send them? [y/N] ')).trim());
  } finally {
    terminal.close();
  }
}
