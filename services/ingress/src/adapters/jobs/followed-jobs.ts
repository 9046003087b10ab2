import { WaybillError } from '@waybill/contracts';
import { type FactFollower, followJobs, type FollowJobsOptions } from '@waybill/transport';
import { JobIndex } from '../../application/jobs/job-index.ts';

/** Keeps the index of jobs up to date with the facts in the LOG. */
export class FollowedJobs {
  readonly index = new JobIndex();
  readonly #follower: FactFollower;
  #isLoaded = false;
  #isFailing = false;

  constructor(parts: Pick<FollowJobsOptions, 'bus' | 'region' | 'logger'>) {
    this.#follower = followJobs({
      ...parts,
      onFact: (fact) => this.index.note(fact),
      onFailure: (failure) => {
        this.#isFailing = failure !== undefined;
      },
    });
    void this.#follower.loaded.then(() => {
      this.#isLoaded = true;
    });
  }

  /** Whether all that was stored when this began was read. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Why the jobs are not known as they stand; undefined when they are. */
  get failure(): string | undefined {
    if (!this.#isLoaded) return 'the facts of jobs were not read yet';
    return this.#isFailing ? 'the facts of jobs cannot be read' : undefined;
  }

  /** Resolves when the index holds what was stored before the call. Throws WB_NATS_AWAY. */
  async catchUp(): Promise<void> {
    try {
      await this.#follower.catchUp();
    } catch (error) {
      throw new WaybillError('WB_NATS_AWAY', 'the facts of jobs cannot be read', { cause: error, extra: { retryAfterSeconds: 1 } });
    }
  }

  close(): void {
    this.#follower.close();
  }
}
