import { foldJob, type Job, type JobFact } from '@waybill/contracts';

/** A job, and the sequence of the newest fact that says up to where its plans are counted. */
export interface KnownJob {
  readonly job: Job;
  /** Plans of the job that are not counted in `job` are behind it. */
  readonly countedTo: number;
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

  /** Notes a fact that is stored at `seq`; one that was noted before changes nothing. */
  note(told: JobFact, seq: number): void {
    const { jobId } = told.fact;
    const known = this.#jobs.get(jobId);
    const job = foldJob(known?.job, told);
    if (job === undefined) return;
    // Before it was started nothing was planned.
    const counts = told.type === 'job.advanced' || known?.job.startedAt === undefined;
    this.#jobs.set(jobId, { job, countedTo: counts ? Math.max(seq, known?.countedTo ?? 0) : known.countedTo });
  }
}
