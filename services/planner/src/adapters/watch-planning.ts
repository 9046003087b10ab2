import { type DispatchDecided, timeOfId, type TraceContext, traceIdOf } from '@waybill/contracts';
import {
  ATTRIBUTES,
  type Attributes,
  preciseNow,
  SPANS,
  type SpanRecord,
  type Tracing,
  type WorkLine,
  type WorkLog,
} from '@waybill/runtime';
import type { FoundInTrace, PlanningWatch, PlanTold } from '../application/planning-watch.ts';
import type { PlannerMetrics } from './planner-metrics.ts';

export interface PlanningParts {
  readonly region: string;
  readonly tracing: Tracing;
  readonly metrics: PlannerMetrics;
  readonly work: WorkLog;
  readonly nowMs: () => number;
}

/** Counts what becomes of accepted events, tells each in a line, and records what nobody else does: decisions, and the handling of events that no consumer handed out. */
export function watchPlanning({ region, tracing, metrics, work, nowMs }: PlanningParts): PlanningWatch {
  return {
    planned: metrics.planned,
    told: (told) => {
      const acceptedMs = timeOfId(told.about.eventId);
      const delayMs = acceptedMs === undefined ? undefined : Math.max(0, nowMs() - acceptedMs);
      tellLine(work, told, delayMs ?? 0);
      if (told.outcome === 'again') return;
      count(metrics, told, delayMs);
      const { trace, found } = told.accepted;
      if (trace !== undefined && found !== undefined) tracing.record(spanOf({ ...told, trace, found }, region));
    },
    deciding: ({ trace: parent }) => {
      const [context, startMs] = [tracing.childOf(parent), preciseNow()];
      return {
        trace: context,
        decided: (fact) => {
          if (context === undefined) return;
          const attributes = { ...aboutDecision(fact), [ATTRIBUTES.cloudRegion]: region };
          tracing.record({ name: SPANS.decideDispatch, kind: 'internal', context, parent, startMs, endMs: preciseNow(), attributes });
        },
      };
    },
  };
}

function count(metrics: PlannerMetrics, { outcome, reason }: PlanTold, delayMs: number | undefined): void {
  if (outcome !== 'refused') metrics.judged('accepted');
  else if (reason === 'drop_incompatible' || reason === 'reader_too_old') metrics.judged(reason);
  else metrics.judged('poison');
  if (delayMs !== undefined) metrics.delayed(delayMs);
}

function tellLine(work: WorkLog, { accepted, about, outcome, reason, deliveries, regions }: PlanTold, durationMs: number): void {
  const { eventId, eventType, tenantId, source, correlationId } = about;
  const traceId = accepted.trace?.traceId ?? traceIdOf(eventId);
  const ids = { origin: accepted.region, seq: accepted.seq, traceId, eventId, eventType, tenantId, source, correlationId };
  const line: WorkLine = { work: 'plan', outcome, durationMs, ...ids, reason, deliveries, regions };
  if (outcome === 'refused') work.failed(line);
  else work.done(line);
}

/** The handling of an event that was read out of a stream. */
function spanOf(
  { trace, found, accepted, about, outcome }: PlanTold & { trace: TraceContext; found: FoundInTrace },
  region: string,
): SpanRecord {
  const attributes = {
    [ATTRIBUTES.system]: 'nats',
    [ATTRIBUTES.operation]: 'process',
    [ATTRIBUTES.operationType]: 'process',
    [ATTRIBUTES.cloudRegion]: region,
    [ATTRIBUTES.regionHome]: accepted.region,
    [ATTRIBUTES.event]: about.eventId,
    [ATTRIBUTES.tenant]: about.tenantId,
    [ATTRIBUTES.outcome]: outcome,
  };
  const { type, writer: parent, startMs } = found;
  return { name: SPANS.process(type), kind: 'consumer', context: trace, parent, links: [parent], startMs, endMs: preciseNow(), attributes };
}

/** In a word: something is called, or why nothing is. */
function aboutDecision({ eventId, tenantId, run, skip, targets }: DispatchDecided): Attributes {
  const isAllowed = targets.some(({ dispatch }) => dispatch !== undefined);
  const denied = targets.find((target) => target.denied !== undefined)?.denied;
  return {
    [ATTRIBUTES.event]: eventId,
    [ATTRIBUTES.tenant]: tenantId,
    [ATTRIBUTES.repository]: `${run.owner}/${run.repo}`,
    [ATTRIBUTES.workflow]: run.workflow,
    [ATTRIBUTES.decision]: isAllowed ? 'allow' : 'deny',
    [ATTRIBUTES.reason]: isAllowed ? undefined : (skip?.reason ?? denied?.reason ?? 'no_targets'),
  };
}
