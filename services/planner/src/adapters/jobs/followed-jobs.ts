import { readJobFact, subjects } from '@waybill/contracts';
import type { Logger } from '@waybill/runtime';
import { type Bus, FactFollower, type Incoming } from '@waybill/transport';
import { JobLedger, type Jobs, type KnownJob } from '../../application/jobs/job-ledger.ts';

/** Jobs that are older are over. */
const KEPT_MS = 30 * 24 * 3_600_000;

export interface FollowedJobsParts {
  readonly bus: Bus;
  readonly region: string;
  readonly logger: Logger;
  readonly onChange: () => void;
}

/** Keeps the jobs of the own region up to date with their facts. */
export class FollowedJobs implements Jobs {
  readonly #ledger = new JobLedger();
  readonly #follower: FactFollower;
  readonly #parts: FollowedJobsParts;

  constructor(parts: FollowedJobsParts) {
    const { bus, region, logger } = parts;
    this.#parts = parts;
    this.#follower = new FactFollower({
      bus,
      region,
      hasPeers: false,
      filter: subjects.jobFacts(region),
      sinceMs: Date.now() - KEPT_MS,
      visit: (message) => this.#note(message),
      onFailure: (failure) => {
        if (failure === undefined) logger.info({ event: 'planner.jobs_followed' }, 'the facts of jobs are read again');
        else logger.warn({ event: 'planner.jobs_unread', err: failure }, 'the facts of jobs: tried on');
      },
    });
  }

  all(): Iterable<KnownJob> {
    return this.#ledger.all();
  }

  get(jobId: string): KnownJob | undefined {
    return this.#ledger.get(jobId);
  }

  catchUp(): Promise<void> {
    return this.#follower.catchUp();
  }

  close(): void {
    this.#follower.close();
  }

  #note(message: Incoming): void {
    const { stream, seq, subject, body, timestampMs } = message;
    try {
      const fact = readJobFact(subject, body);
      if (fact !== undefined) this.#ledger.note(fact, { seq, storedMs: timestampMs });
    } catch (error) {
      // A newer version may write what this one cannot read; it must not keep this one from reading on.
      this.#parts.logger.warn({ event: 'planner.job_unreadable', stream, seq, err: error }, 'left out');
    }
    this.#parts.onChange();
  }
}
