import { type Span, traceIdOf, type TraceView } from '@waybill/contracts';
import type { TraceStore } from './trace-store.ts';

const TRACE_ID = /^[0-9a-f]{32}$/i;
/** What handles many messages at once says how many: it links to each, and belongs to none. */
const BATCH_ATTRIBUTE = 'messaging.batch.message_count';
const MOST_RELATED = 50;
/** Of a trace, as that of a job, whose spans name many. */
const MOST_EVENTS = 20;
type Related = TraceView['related'][number];

/**
 * A trace as it is shown, by its own id, by that of its event, or by a delivery's or job's that names it. Of an event whose trace somebody else began, the first trace in
 * which a span names the event. Undefined when nothing of it is kept.
 */
export function viewTrace(store: TraceStore, id: string): TraceView | undefined {
  const ofEvent = store.tracesOfEvent(id).toSorted((one, other) => startOf(store, one) - startOf(store, other));
  const own = TRACE_ID.test(id) ? id.toLowerCase() : traceIdOf(id);
  const traceId = [own, ofEvent[0]].find((one) => one !== undefined && store.spansOf(one).length > 0);
  if (traceId === undefined) return undefined;
  const spans = byStart(store.spansOf(traceId));
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return {
    traceId,
    isWhole: spans.every(({ parentSpanId }) => parentSpanId === undefined || ids.has(parentSpanId)),
    spans,
    related: relatedTo(store, traceId),
  };
}

function relatedTo(store: TraceStore, traceId: string): Related[] {
  const because = new Map<string, Related['because']>();
  const ofEvents = new Set(
    store
      .eventsOf(traceId)
      .slice(0, MOST_EVENTS)
      .flatMap((eventId) => store.tracesOfEvent(eventId)),
  );
  for (const other of ofEvents) because.set(other, 'same event');
  for (const other of store.tracesLinkedFrom(traceId)) because.set(other, 'linked from here');
  for (const other of store.tracesLinkingTo(traceId)) because.set(other, 'links here');
  because.delete(traceId);
  return [...because]
    .flatMap(([other, why]) => describe(store, other, why))
    .toSorted((one, other) => Number(one.because === 'batch') - Number(other.because === 'batch') || one.startMs - other.startMs)
    .slice(0, MOST_RELATED);
}

/** A trace by its first span; nothing when it is not kept. */
function describe(store: TraceStore, traceId: string, because: Related['because']): Related[] {
  const first = byStart(store.spansOf(traceId))[0];
  if (first === undefined) return [];
  const isBatch = first.parentSpanId === undefined && BATCH_ATTRIBUTE in first.attributes;
  return [{ traceId, name: first.name, startMs: first.startMs, because: isBatch ? 'batch' : because }];
}

const startOf = (store: TraceStore, traceId: string): number => byStart(store.spansOf(traceId))[0]?.startMs ?? 0;

/** The first one without a parent before another that began with it. */
const byStart = (spans: readonly Span[]): Span[] =>
  spans.toSorted(
    (one, other) => one.startMs - other.startMs || Number(one.parentSpanId !== undefined) - Number(other.parentSpanId !== undefined),
  );
