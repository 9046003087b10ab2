import { type AttemptOutcome, type DueDelivery, type TraceContext, traceparentOf } from '@waybill/contracts';
import { isCounted } from './decide-next.ts';

/** An attempt that is over. */
export interface AttemptOver {
  readonly outcome: AttemptOutcome;
  /** ms since 1970. */
  readonly endedMs: number;
  /** Where it stands in a trace; absent: not recorded. */
  readonly trace?: TraceContext | undefined;
}

/** The delivery after an attempt, as its next one has to know. */
export function dueAfter(due: DueDelivery, { outcome, endedMs, trace }: AttemptOver): DueDelivery {
  const uncounted = (due.uncounted ?? 0) + (isCounted(outcome) ? 0 : 1);
  const isLimited = outcome.kind === 'retryable' && outcome.reason === 'rate_limited';
  return {
    ...due,
    ...(uncounted === 0 ? {} : { uncounted }),
    ...(isLimited ? { limitedSinceMs: due.limitedSinceMs ?? endedMs } : {}),
    ...(trace === undefined ? {} : { lastTrace: traceparentOf(trace) }),
  };
}
