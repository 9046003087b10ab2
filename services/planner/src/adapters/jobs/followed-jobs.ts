import { type FactFollower, followJobs, type FollowJobsOptions } from '@waybill/transport';
import { JobLedger, type Jobs, type KnownJob } from '../../application/jobs/job-ledger.ts';

export interface FollowedJobsParts extends Pick<FollowJobsOptions, 'bus' | 'region' | 'logger'> {
  readonly onChange: () => void;
}

/** Keeps the jobs of the own region up to date with their facts. */
export class FollowedJobs implements Jobs {
  readonly #ledger = new JobLedger();
  readonly #follower: FactFollower;

  constructor({ onChange, ...parts }: FollowedJobsParts) {
    const onFact: FollowJobsOptions['onFact'] = (fact, stored) => {
      this.#ledger.note(fact, stored);
      onChange();
    };
    this.#follower = followJobs({ ...parts, onFact });
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
}
