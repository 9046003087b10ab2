import { isJobEnded, type Job } from '@waybill/contracts';
import type { KnownJob } from './job-ledger.ts';
import { isExpired, JobRun, type RunJobPorts } from './run-job.ts';

export interface JobRunnerPorts extends RunJobPorts {
  /** Told when a job fails to go on, and `undefined` when it works again. It is tried on. */
  readonly onFailure: (jobId: string, failure: unknown) => void;
}

/** Jobs that plan at once; the others wait for their turn. Those that are paused, or wait for their start, take no place. */
const AT_ONCE = 16;
/** Jobs that are told one by one. */
const MOST_TOLD = 10;

/**
 * Runs the jobs of the own region, several side by side. One process a region is the rule: two would make the same plans, which the stream knows by their
 * Msg-Ids for a minute, and the dispatcher by their delivery ids always.
 */
export class JobRunner {
  readonly #ports: JobRunnerPorts;
  /** Kept until the job has ended: a run that failed is begun anew with what it remembers. */
  readonly #runs = new Map<string, JobRun>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #failing = new Map<string, { readonly text: string; readonly atMs: number }>();
  #isStopped = false;

  constructor(ports: JobRunnerPorts) {
    this.#ports = ports;
  }

  /** Begins what can be done now; to be called again and again, and when a job changed. Resolves when nothing of that is under way any more. */
  async step(): Promise<void> {
    if (this.#isStopped) return;
    for (const { job } of this.#ports.jobs.all()) {
      if (this.#running.has(job.id) || !this.#isDue(job)) continue;
      if (isWork(job) && this.#working() >= AT_ONCE) continue;
      this.#start(job.id);
    }
    await Promise.all(this.#running.values());
  }

  /** Ends all; resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const run of this.#runs.values()) run.stop();
    await Promise.all(this.#running.values());
  }

  /** The jobs that are under way, in a line; undefined when there are none. */
  get detail(): string | undefined {
    const open = [...this.#ports.jobs.all()].filter(({ job }) => !isJobEnded(job));
    if (open.length === 0) return undefined;
    const more = open.length > MOST_TOLD ? [`${open.length - MOST_TOLD} more`] : [];
    return [...open.slice(0, MOST_TOLD).map((known) => this.#describe(known)), ...more].join('; ');
  }

  #isDue(job: Job): boolean {
    return job.state === 'cancelling' || isExpired(job, this.#ports.nowMs()) || (isWork(job) && this.#ports.mayRun());
  }

  #working(): number {
    return [...this.#running.keys()].filter((id) => this.#isWorking(id)).length;
  }

  #isWorking(id: string): boolean {
    const known = this.#ports.jobs.get(id);
    return known !== undefined && isWork(known.job);
  }

  #start(id: string): void {
    const run = this.#runs.get(id) ?? new JobRun(this.#ports, id);
    this.#runs.set(id, run);
    const over = run
      .run()
      .then(
        () => this.#tell(id, undefined),
        (failure: unknown) => this.#tell(id, failure),
      )
      .finally(() => this.#over(id));
    this.#running.set(id, over);
  }

  #over(id: string): void {
    this.#running.delete(id);
    const known = this.#ports.jobs.get(id);
    if (known === undefined || isJobEnded(known.job)) this.#runs.delete(id);
  }

  #tell(id: string, failure: unknown): void {
    if ((failure !== undefined) !== this.#failing.has(id) && !this.#isStopped) this.#ports.onFailure(id, failure);
    if (failure === undefined) this.#failing.delete(id);
    else this.#failing.set(id, { text: textOf(failure), atMs: this.#ports.nowMs() });
  }

  #describe({ job }: KnownJob): string {
    const { id, state, done, plan, updatedAt } = job;
    const failure = this.#failing.get(id);
    // Since then it came on.
    const isOver = failure === undefined || Date.parse(updatedAt) > failure.atMs;
    const waits =
      (isOver ? undefined : failure.text) ?? (isWork(job) && !this.#ports.mayRun() ? 'waits for its region to be active' : undefined);
    const turn = waits ?? (isWork(job) && !this.#running.has(id) ? 'waits for its turn' : undefined);
    return `${id} ${state} ${done}/${plan?.deliveries ?? '?'}${turn === undefined ? '' : `, ${turn}`}`;
  }
}

const textOf = (failure: unknown): string => (failure instanceof Error ? failure.message : String(failure));

const isWork = ({ state }: Job): boolean => state === 'planning' || state === 'running';
