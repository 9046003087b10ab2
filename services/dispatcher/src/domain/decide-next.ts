import {
  type AttemptFailure,
  type AttemptOutcome,
  assertNever,
  type Consequence,
  DISPATCH_FAILURES,
  TARGET_DENIALS,
} from '@waybill/contracts';
import { type RetrySchedule, withJitter } from './retry-schedule.ts';

/** An attempt that was made, and when. `attempt` counts from 1; `uncounted` of those before used up nothing; `random` in [0, 1) is the jitter. */
export interface AttemptMade {
  readonly outcome: AttemptOutcome;
  readonly attempt: number;
  readonly uncounted?: number | undefined;
  readonly schedule: RetrySchedule;
  readonly nowMs: number;
  readonly random: number;
}

/** After an attempt that was cut off: the receiver is not to blame, so neither its waits nor its number of attempts count. */
const AFTER_CUT_MS = 5_000;
const UNCOUNTED: ReadonlySet<AttemptFailure> = new Set(['fenced', 'rate_limited', 'outcome_unknown', 'waiting_for_other']);

/** Whether this outcome takes one of the attempts that a delivery has. */
export const isCounted = (outcome: AttemptOutcome): boolean => outcome.kind === 'accepted' || !UNCOUNTED.has(outcome.reason);

/** What follows from an attempt. A receiver's own `Retry-After` may lengthen the schedule's wait, never shorten it. */
export function decideNext({ outcome, attempt, uncounted = 0, schedule, nowMs, random }: AttemptMade): Consequence {
  switch (outcome.kind) {
    case 'accepted':
      return { kind: 'delivered' };
    case 'rejected':
      return rejection(outcome.reason);
    case 'retryable': {
      const askedMs = outcome.retryAfterMs ?? 0;
      const delayMs = isCounted(outcome) ? schedule[attempt - 1 - uncounted] : askedMs > 0 ? 0 : AFTER_CUT_MS;
      if (delayMs === undefined) return { kind: 'dead_lettered', reason: 'attempts_exhausted' };
      const waitMs = withJitter(Math.max(delayMs, askedMs), random);
      return { kind: 'retry', at: new Date(nowMs + waitMs).toISOString() };
    }
    default:
      return assertNever(outcome);
  }
}

function rejection(reason: AttemptFailure): Consequence {
  if (reason === 'egress_denied') return { kind: 'denied', reason };
  const denial = TARGET_DENIALS.find((known) => known === reason);
  if (denial !== undefined) return { kind: 'denied', reason: denial };
  const failure = DISPATCH_FAILURES.find((known) => known === reason);
  return { kind: 'dead_lettered', reason: failure ?? (reason === 'gone' ? 'endpoint_gone' : 'attempts_exhausted') };
}
