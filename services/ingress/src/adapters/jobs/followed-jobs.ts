import { readJobFact, subjects, WaybillError } from '@waybill/contracts';
import type { Logger } from '@waybill/runtime';
import { type Bus, FactFollower, type Incoming } from '@waybill/transport';
import { JobIndex } from '../../application/jobs/job-index.ts';

/** Jobs that began earlier are not shown any more. */
const KEPT_MS = 30 * 86_400_000;

export interface FollowedJobsParts {
  readonly bus: Bus;
  readonly region: string;
  readonly logger: Logger;
}

/** Keeps the index of jobs up to date with the facts in the LOG. Jobs are never copied, so there is nothing to read in PEERS. */
export class FollowedJobs {
  readonly index = new JobIndex();
  readonly #follower: FactFollower;
  readonly #logger: Logger;
  #isLoaded = false;
  #isFailing = false;

  constructor({ bus, region, logger }: FollowedJobsParts) {
    this.#logger = logger;
    this.#follower = new FactFollower({
      bus,
      region,
      hasPeers: false,
      filter: subjects.jobFacts(region),
      sinceMs: Date.now() - KEPT_MS,
      visit: (message) => this.#note(message),
      onFailure: (failure) => this.#tell(failure),
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

  #tell(failure: unknown): void {
    this.#isFailing = failure !== undefined;
    if (failure === undefined) this.#logger.info({ event: 'ingress.jobs_followed' }, 'the facts of jobs are read again');
    else this.#logger.warn({ event: 'ingress.jobs_unread', err: failure }, 'the facts of jobs: tried on');
  }

  #note(message: Incoming): void {
    try {
      const fact = readJobFact(message.subject, message.body);
      if (fact !== undefined) this.index.note(fact);
    } catch (error) {
      // A newer version may write what this one cannot read; it must not keep this one from reading on.
      this.#logger.warn({ event: 'ingress.job_unreadable', stream: message.stream, seq: message.seq, err: error }, 'left out');
    }
  }
}
