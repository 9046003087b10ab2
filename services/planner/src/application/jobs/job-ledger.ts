import { foldJob, type Job, type JobFact } from '@waybill/contracts';

/** The last time that a job was paused: `sinceMs` is when that was stored, `toSeq` the fact that ended it, undefined while it lasts. */
export interface Pausing {
  readonly sinceMs: number;
  readonly toSeq: number | undefined;
}

/** A job, and the sequence of the newest fact that says up to where its plans are counted. */
export interface KnownJob {
  readonly job: Job;
  /** Plans of the job that are not counted in `job` are behind it. */
  readonly countedTo: number;
  /** Nothing was planned then, however long it was. */
  readonly pausing: Pausing | undefined;
}

/** The jobs of the own region as their facts tell them. */
export interface Jobs {
  all(): Iterable<KnownJob>;
  get(jobId: string): KnownJob | undefined;
  /** Resolves when all facts are known that were stored when this was called; rejects while NATS is away. */
  catchUp(): Promise<void>;
}

/** Folds the facts of jobs. */
export class JobLedger {
  readonly #jobs = new Map<string, KnownJob>();

  all(): Iterable<KnownJob> {
    return this.#jobs.values();
  }

  get(jobId: string): KnownJob | undefined {
    return this.#jobs.get(jobId);
  }

  /** Notes a fact and where and when it was stored; one that was noted before changes nothing. */
  note(told: JobFact, { seq, storedMs }: { readonly seq: number; readonly storedMs: number }): void {
    const { jobId } = told.fact;
    const known = this.#jobs.get(jobId);
    const job = foldJob(known?.job, told);
    if (job === undefined) return;
    // Before it was started nothing was planned.
    const counts = told.type === 'job.advanced' || known?.job.startedAt === undefined;
    const countedTo = counts ? Math.max(seq, known?.countedTo ?? 0) : known.countedTo;
    this.#jobs.set(jobId, { job, countedTo, pausing: pausingAfter(known, job, { seq, storedMs }) });
  }
}

function pausingAfter(
  known: KnownJob | undefined,
  { state }: Job,
  { seq, storedMs }: { readonly seq: number; readonly storedMs: number },
): Pausing | undefined {
  const wasPaused = known?.job.state === 'paused';
  if (state === 'paused') return wasPaused ? known.pausing : { sinceMs: storedMs, toSeq: undefined };
  return wasPaused && known.pausing !== undefined ? { ...known.pausing, toSeq: seq } : known?.pausing;
}
