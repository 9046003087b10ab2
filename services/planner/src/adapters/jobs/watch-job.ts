import { type DeliveryId, type EventId, rootSpanIdOf, type TraceContext, traceIdOf } from '@waybill/contracts';
import { ATTRIBUTES, type Attributes, preciseNow, SPANS, type Tracing } from '@waybill/runtime';
import type { ItemPlan, JobWatch, WatchedJob, WatchJob } from '../../application/planning-watch.ts';
import type { PlannerMetrics } from '../planner-metrics.ts';

/** The deliveries of jobs up to this size are recorded whatever the sampler says: an operator looks at them one by one. */
const FEW = 100;

export interface JobWatchParts {
  readonly region: string;
  readonly tracing: Tracing;
  readonly metrics: Pick<PlannerMetrics, 'planned'>;
}

/**
 * Records jobs in traces of their own, always: from the start, or from where it was left, to the end or a pause. Each plan of a job begins a trace, named after its first
 * delivery and linked to the job's and the event's. What a process that dies was at is not recorded.
 */
export function watchJobs({ region, tracing, metrics }: JobWatchParts): WatchJob {
  return (job) => {
    const place = placeOf(tracing, job);
    const startMs = preciseNow();
    return {
      planning: (plan) => {
        const { context, ...from } = placeOfPlan(tracing, job, plan);
        const [planStartMs, links] = [preciseNow(), [from.event, place?.context].filter((one) => one !== undefined)];
        return {
          trace: context,
          planned: () => {
            metrics.planned(plan.region, plan.because);
            if (context === undefined) return;
            const attributes = aboutPlan(job, plan, region);
            const times = { startMs: planStartMs, endMs: preciseNow() };
            tracing.record({ name: SPANS.replayEvent, kind: 'internal', context, parent: from.parent, links, ...times, attributes });
          },
        };
      },
      over: ({ outcome, deliveries }) => {
        if (place === undefined) return;
        const attributes = { ...aboutJob(job, region), [ATTRIBUTES.outcome]: outcome, [ATTRIBUTES.deliveries]: deliveries };
        tracing.record({ name: SPANS.replay, kind: 'internal', ...place, startMs, endMs: preciseNow(), attributes });
      },
    } satisfies JobWatch;
  };
}

interface Place {
  readonly context: TraceContext;
  readonly parent?: TraceContext | undefined;
}

/** A job that goes on stands below its beginning. */
function placeOf(tracing: Tracing, job: WatchedJob): Place | undefined {
  const traceId = traceIdOf(job.id);
  const root = traceId === undefined ? undefined : tracing.begin(traceId, true);
  if (root === undefined || !job.goesOn) return root && { context: root };
  const context = tracing.childOf(root);
  return context && { context, parent: root };
}

interface PlaceOfPlan {
  readonly context: TraceContext | undefined;
  readonly parent?: TraceContext | undefined;
  /** Where the event itself came in. */
  readonly event: TraceContext | undefined;
}

function placeOfPlan(tracing: Tracing, { deliveries }: WatchedJob, { eventId, deliveryId }: ItemPlan): PlaceOfPlan {
  const event = rootOf(eventId);
  const traceId = deliveryId === undefined ? undefined : traceIdOf(deliveryId);
  if (traceId === undefined) return { context: undefined, event };
  const root = tracing.begin(traceId, deliveries <= FEW);
  // An event that was set aside has the deliveries now that it would have had: then its own trace goes on.
  return traceId === event?.traceId ? { context: root && tracing.childOf(event), parent: event, event } : { context: root, event };
}

function rootOf(id: EventId | DeliveryId): TraceContext | undefined {
  const traceId = traceIdOf(id);
  return traceId === undefined ? undefined : { traceId, spanId: rootSpanIdOf(traceId) };
}

const aboutJob = (job: WatchedJob, region: string): Attributes => ({
  [ATTRIBUTES.cloudRegion]: region,
  [ATTRIBUTES.job]: job.id,
  [ATTRIBUTES.jobKind]: job.kind,
});

const aboutPlan = (job: WatchedJob, { eventId, tenantId, deliveryId, because }: ItemPlan, region: string): Attributes => ({
  ...aboutJob(job, region),
  [ATTRIBUTES.event]: eventId,
  [ATTRIBUTES.tenant]: tenantId,
  [ATTRIBUTES.delivery]: deliveryId,
  [ATTRIBUTES.deliveries]: because.length,
});
