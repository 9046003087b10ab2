import { type DeliveryAttempted, type DeliveryRefused, type DueDelivery, recordedContext, traceIdOf } from '@waybill/contracts';
import type { Logger, Tracing, WorkLine, WorkLog } from '@waybill/runtime';
import type { SeenAttempt, WatchAttempts } from '../application/attempt-ports.ts';
import { isDispatch } from '../domain/dispatch/dispatch-endpoint.ts';
import type { ErrorRate } from '../domain/error-rate.ts';
import { attemptSpan } from './attempt-span.ts';
import type { CountAttempts } from './dispatcher-metrics.ts';

export interface WatchAttemptsParts {
  readonly errorRate: ErrorRate;
  readonly count: CountAttempts;
  readonly tracing: Tracing;
  readonly work: WorkLog;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

/** Tells of each attempt whose fact is stored: it counts for the region's report and for the metrics, leaves a line, and a span where its trace is recorded. */
export function watchAttempts(parts: WatchAttemptsParts): WatchAttempts {
  const { errorRate, count, tracing, work, logger, nowMs } = parts;
  const safely = (tell: () => void): void => {
    try {
      tell();
    } catch (error) {
      logger.warn({ event: 'attempt.untold', err: error }, 'an attempt is in the log and nowhere else');
    }
  };
  return {
    attempted: (seen) =>
      safely(() => {
        const { fact, due } = seen;
        if (saysHowWeDo(fact)) errorRate.note(fact.outcome.kind !== 'accepted', nowMs());
        count.attempted(fact, due.replay !== undefined);
        if (seen.trace !== undefined) tracing.record(attemptSpan(seen, seen.trace));
        if (fact.outcome.kind === 'accepted') work.done(lineOf(seen));
        else work.failed(lineOf(seen));
      }),
    refused: (fact, due) =>
      safely(() => {
        count.refused(fact);
        work.failed(refusalLine(fact, due));
      }),
  };
}

/** What was denied or cut off says nothing about how a region does, and nor does GitHub: another region would fare no better. */
const saysHowWeDo = ({ outcome, endpointId }: DeliveryAttempted): boolean =>
  !isDispatch(endpointId) && (outcome.kind === 'accepted' || (outcome.reason !== 'egress_denied' && outcome.reason !== 'fenced'));

function lineOf({ fact, due, payload, trace }: SeenAttempt): WorkLine {
  const { outcome, next, phases, region } = fact;
  return {
    ...aboutDelivery(fact, due),
    outcome: next.kind,
    durationMs: fact.durationMs,
    traceId: trace?.context.traceId ?? traceIdOf(fact.eventId),
    correlationId: payload?.correlationId,
    eventType: payload?.eventType,
    origin: payload?.acceptedIn === region ? undefined : payload?.acceptedIn,
    status: outcome.httpStatus,
    reason: outcome.kind === 'accepted' ? undefined : outcome.reason,
    ...phases,
    nextAt: next.kind === 'retry' ? next.at : undefined,
  };
}

function refusalLine(fact: DeliveryRefused, due: DueDelivery): WorkLine {
  const traceId = recordedContext(due.trace ?? '')?.traceId ?? traceIdOf(fact.eventId);
  return { ...aboutDelivery(fact, due), outcome: fact.next.kind, reason: fact.next.reason, durationMs: 0, traceId };
}

function aboutDelivery(
  { eventId, deliveryId, tenantId, endpointId }: DeliveryAttempted | DeliveryRefused,
  { attempt, replay }: DueDelivery,
) {
  const work = isDispatch(endpointId) ? 'dispatch' : 'attempt';
  return { work, eventId, deliveryId, tenantId, endpointId, attempt, jobId: replay } as const;
}
