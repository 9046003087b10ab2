import type { AttemptFailure, AttemptOutcome } from '@waybill/contracts';
import { decideNext } from '../../domain/decide-next.ts';
import type { DispatchEnd } from '../../domain/dispatch/dispatch-index.ts';
import type { RetrySchedule } from '../../domain/retry-schedule.ts';
import type { Sent } from '../channel.ts';
import type { AttemptResult } from '../endpoint-gate.ts';
import type { DispatchWork } from './dispatch-work.ts';

export interface ConclusionsPorts {
  readonly schedule: RetrySchedule;
  readonly nowMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
}

/** What GitHub's side says: it answered as it should, it did not, or it was not asked (of itself). */
export type About = Pick<Sent, 'result'> & { readonly httpStatus?: number | undefined };

const OK = 200;
/** Puts into words what an attempt of a dispatch gave. */
export class Conclusions {
  readonly #ports: ConclusionsPorts;

  constructor(ports: ConclusionsPorts) {
    this.#ports = ports;
  }

  sent({ due, startedMs }: DispatchWork, outcome: AttemptOutcome, result: AttemptResult): Sent {
    const { schedule, nowMs, random } = this.#ports;
    const endedMs = nowMs();
    const { attempt, uncounted } = due;
    const next = decideNext({ outcome, attempt, uncounted, schedule, nowMs: endedMs, random: random() });
    return { kind: 'sent', startedMs, endedMs, outcome, next, result };
  }

  /** The attempt that learns that the dispatch has ended, by itself or by an earlier one. */
  ended(work: DispatchWork, end: DispatchEnd, { result, httpStatus }: About = { result: 'untried' }): Sent {
    if (end.kind === 'started') {
      const { runId: id, url } = end;
      const run = { ...(id === undefined ? {} : { id }), ...(url === undefined ? {} : { url }) };
      return this.sent(work, { kind: 'accepted', httpStatus: httpStatus ?? OK, run }, result);
    }
    const { reason, detail } = end;
    return this.sent(work, { kind: 'rejected', reason, detail, ...statusOf(httpStatus) }, result);
  }

  /** It is tried again, after `retryAfterMs` or as the schedule says. */
  again(work: DispatchWork, why: { reason: AttemptFailure; detail: string; retryAfterMs?: number | undefined }, about: About): Sent {
    const { reason, detail, retryAfterMs } = why;
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs: Math.round(retryAfterMs) };
    return this.sent(work, { kind: 'retryable', reason, detail, ...statusOf(about.httpStatus), ...wait }, about.result);
  }
}

const statusOf = (httpStatus: number | undefined) => (httpStatus === undefined ? {} : { httpStatus });
