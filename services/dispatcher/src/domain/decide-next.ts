import { type AttemptOutcome, assertNever, type Consequence } from '@waybill/contracts';
import { type RetrySchedule, withJitter } from './retry-schedule.ts';

/** An attempt that was made, and when. `attempt` counts from 1; `random` in [0, 1) is the jitter. */
export interface AttemptMade {
  readonly outcome: AttemptOutcome;
  readonly attempt: number;
  readonly schedule: RetrySchedule;
  readonly nowMs: number;
  readonly random: number;
}

/** After an attempt that was cut off: the receiver is not to blame, so neither its waits nor its number of attempts count. */
const AFTER_CUT_MS = 5_000;

/** What follows from an attempt. A receiver's own `Retry-After` may lengthen the schedule's wait, never shorten it. */
export function decideNext({ outcome, attempt, schedule, nowMs, random }: AttemptMade): Consequence {
  switch (outcome.kind) {
    case 'accepted':
      return { kind: 'delivered' };
    case 'rejected':
      return rejection(outcome.reason);
    case 'retryable': {
      const delayMs = outcome.reason === 'fenced' ? AFTER_CUT_MS : schedule[attempt - 1];
      if (delayMs === undefined) return { kind: 'dead_lettered', reason: 'attempts_exhausted' };
      const waitMs = withJitter(Math.max(delayMs, outcome.retryAfterMs ?? 0), random);
      return { kind: 'retry', at: new Date(nowMs + waitMs).toISOString() };
    }
    default:
      return assertNever(outcome);
  }
}

function rejection(reason: Extract<AttemptOutcome, { kind: 'rejected' }>['reason']): Consequence {
  if (reason === 'egress_denied') return { kind: 'denied', reason };
  return { kind: 'dead_lettered', reason: reason === 'gone' ? 'endpoint_gone' : 'attempts_exhausted' };
}
