import { type JobFact, readJobFact, subjects } from '@waybill/contracts';
import type { Logger } from '@waybill/runtime';
import type { Bus } from './bus.ts';
import { FactFollower } from './fact-follower.ts';

export interface FollowJobsOptions {
  readonly bus: Bus;
  readonly region: string;
  readonly logger: Logger;
  /** Called once a fact, in order. `seq` in the LOG; `storedMs` since 1970. */
  readonly onFact: (fact: JobFact, stored: { readonly seq: number; readonly storedMs: number }) => void;
  /** Told when reading fails, and `undefined` when it works again. */
  readonly onFailure?: ((failure: unknown) => void) | undefined;
}

/** Jobs that began earlier are over. */
const KEPT_MS = 30 * 86_400_000;

/**
 * Follows the facts of a region's jobs of the last 30 days. Jobs are never copied, so there is nothing to read in PEERS. A fact that cannot be read is
 * left out, with a warning: a newer version may have written it, and it must not keep this one from reading on.
 */
export function followJobs({ bus, region, logger, onFact, onFailure }: FollowJobsOptions): FactFollower {
  return new FactFollower({
    bus,
    region,
    hasPeers: false,
    filter: subjects.jobFacts(region),
    sinceMs: Date.now() - KEPT_MS,
    visit: ({ stream, seq, subject, body, timestampMs: storedMs }) => {
      try {
        const fact = readJobFact(subject, body);
        if (fact !== undefined) onFact(fact, { seq, storedMs });
      } catch (error) {
        logger.warn({ event: 'job.unreadable', stream, seq, err: error }, 'a fact of a job is left out');
      }
    },
    onFailure: (failure) => {
      if (failure === undefined) logger.info({ event: 'job.followed' }, 'the facts of jobs are read again');
      else logger.warn({ event: 'job.unread', err: failure }, 'the facts of jobs: tried on');
      onFailure?.(failure);
    },
  });
}
