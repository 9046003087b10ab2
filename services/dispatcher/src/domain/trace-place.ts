import { type DueDelivery, recordedContext, rootSpanIdOf, timeOfId, type TraceContext, traceIdOf } from '@waybill/contracts';

/** Where an attempt stands in a trace that is recorded. */
export interface TracePlace {
  readonly context: TraceContext;
  /** Absent: it is the first of its trace. */
  readonly parent?: TraceContext | undefined;
  /** What led to it and is no parent of it. */
  readonly links: readonly TraceContext[];
}

/** Makes places. */
export interface TracePlaces {
  begin(traceId: string, always?: boolean): TraceContext | undefined;
  childOf(parent: TraceContext | undefined): TraceContext | undefined;
  /** Of a trace that nothing else belongs to. */
  newTraceId(): string;
}

/** Whoever collects traces looks at one for so long at most, so what comes later begins its own. */
const LATE_MS = 900_000;

/**
 * The place of the attempt of `due` that starts at `startedMs` (ms since 1970); undefined when its event is not recorded. It is a child of the handling of its plan. A late one is
 * the first of another trace, and so is the first attempt of a delivery that a job made, unless its plan is in that trace; both lead back by links.
 */
export function placeOfAttempt(places: TracePlaces, due: DueDelivery, startedMs: number): TracePlace | undefined {
  const planned = recordedContext(due.trace ?? '');
  if (planned === undefined) return undefined;
  const own = ownTrace(due, planned);
  if (own !== undefined && due.attempt === 1) return first(places, own.traceId, [...creationOf(due, planned), planned]);
  if (startedMs - (timeOfId(due.deliveryId) ?? startedMs) > LATE_MS) {
    const last = recordedContext(due.lastTrace ?? '');
    const creation = own === undefined ? creationOf(due, planned) : [own];
    const isNew = last !== undefined && creation.every(({ spanId }) => spanId !== last.spanId);
    return first(places, places.newTraceId(), isNew ? [...creation, last] : creation);
  }
  const parent = own ?? planned;
  const context = places.childOf(parent);
  return context && { context, parent, links: [] };
}

function first(places: TracePlaces, traceId: string, links: readonly TraceContext[]): TracePlace | undefined {
  const context = places.begin(traceId, true);
  return context && { context, links };
}

/** The first place in the trace of a delivery that a job made; undefined for others, and where its plan is in that trace already. */
function ownTrace({ replay, deliveryId }: DueDelivery, planned: TraceContext): TraceContext | undefined {
  const traceId = replay === undefined ? undefined : traceIdOf(deliveryId);
  return traceId === undefined || traceId === planned.traceId ? undefined : { traceId, spanId: rootSpanIdOf(traceId) };
}

/** Where the event came in, or what is nearest to that: who is trusted goes on with a trace of its own. */
function creationOf({ eventId, replay }: DueDelivery, planned: TraceContext): TraceContext[] {
  const traceId = traceIdOf(eventId);
  if (traceId !== undefined && (replay !== undefined || traceId === planned.traceId)) return [{ traceId, spanId: rootSpanIdOf(traceId) }];
  return replay === undefined ? [planned] : [];
}
