import type { AttemptOutcome, DueDelivery } from '@waybill/contracts';
import { isCounted } from './decide-next.ts';

/** The delivery after an attempt with this outcome, as its next one has to know; `nowMs` since 1970. */
export function dueAfter(due: DueDelivery, outcome: AttemptOutcome, nowMs: number): DueDelivery {
  const uncounted = (due.uncounted ?? 0) + (isCounted(outcome) ? 0 : 1);
  const isLimited = outcome.kind === 'retryable' && outcome.reason === 'rate_limited';
  return {
    ...due,
    ...(uncounted === 0 ? {} : { uncounted }),
    ...(isLimited ? { limitedSinceMs: due.limitedSinceMs ?? nowMs } : {}),
  };
}
