import type { Span } from '@waybill/contracts';

export interface TraceStoreOptions {
  /** Spans kept at most; default 20,000. */
  readonly maxSpans?: number;
  /** About so many bytes of memory for them at most; default 32 MiB. */
  readonly maxBytes?: number;
}

/** What is kept of one trace, and by what else it is found. */
interface Kept {
  readonly spans: Map<string, Span>;
  readonly events: Set<string>;
  readonly linkedTo: Set<string>;
  bytes: number;
}

const MAX_SPANS = 20_000;
const MAX_BYTES = 32 * 1024 * 1024;
/** Key of the attribute that names the event which a span is about. */
const EVENT_ATTRIBUTE = 'waybill.event.id';
/** Of a span without its texts: 17,000 spans of seven attributes and a link took 21.7 MB of heap (Node 24), and count as 27. */
const SPAN_BYTES = 400;
/** Of a character: half of them are in texts of two bytes a character, or hold a key beside it. */
const BYTES_PER_CHARACTER = 2;
/** Of one place in an index: the entry and its set. */
const INDEX_BYTES = 200;
/** Of a list or a map in the value of an attribute, however little it holds. */
const NESTED_BYTES = 100;

/**
 * The newest spans, in memory. When there are too many, whole traces go, first the one to which nothing was added for longest, so that what is kept of a trace is all
 * that came of it. A trace that is larger than the bounds alone does not stay.
 */
export class TraceStore {
  readonly #maxSpans: number;
  readonly #maxBytes: number;
  /** The one that was added to last is the last. */
  readonly #traces = new Map<string, Kept>();
  readonly #byEvent = new Map<string, Set<string>>();
  readonly #byLink = new Map<string, Set<string>>();
  #spans = 0;
  #bytes = 0;

  constructor({ maxSpans = MAX_SPANS, maxBytes = MAX_BYTES }: TraceStoreOptions = {}) {
    this.#maxSpans = maxSpans;
    this.#maxBytes = maxBytes;
  }

  get size(): { readonly traces: number; readonly spans: number; readonly bytes: number } {
    return { traces: this.#traces.size, spans: this.#spans, bytes: this.#bytes };
  }

  /** Keeps a span; one that is kept already, by its trace and span id, changes nothing. */
  add(span: Span): void {
    const kept = this.#traces.get(span.traceId) ?? { spans: new Map(), events: new Set(), linkedTo: new Set(), bytes: 0 };
    if (kept.spans.has(span.spanId)) return;
    this.#traces.delete(span.traceId);
    this.#traces.set(span.traceId, kept);
    const bytes = bytesOf(span);
    kept.spans.set(span.spanId, span);
    kept.bytes += bytes;
    this.#spans += 1;
    this.#bytes += bytes;
    this.#index(span, kept);
    this.#dropOldest();
  }

  /** Spans of a trace, in the order in which they came; none when nothing of it is kept. */
  spansOf(traceId: string): Span[] {
    return [...(this.#traces.get(traceId)?.spans.values() ?? [])];
  }

  /** Traces in which a span names this event. */
  tracesOfEvent(eventId: string): string[] {
    return [...(this.#byEvent.get(eventId) ?? [])];
  }

  /** Events that spans of a trace name. */
  eventsOf(traceId: string): string[] {
    return [...(this.#traces.get(traceId)?.events ?? [])];
  }

  /** Traces in which a span links to this one. */
  tracesLinkingTo(traceId: string): string[] {
    return [...(this.#byLink.get(traceId) ?? [])];
  }

  /** Traces that are linked from this one, kept or not. */
  tracesLinkedFrom(traceId: string): string[] {
    return [...(this.#traces.get(traceId)?.linkedTo ?? [])];
  }

  #index(span: Span, kept: Kept): void {
    const eventId = span.attributes[EVENT_ATTRIBUTE];
    if (typeof eventId === 'string') {
      kept.events.add(eventId);
      addTo(this.#byEvent, eventId, span.traceId);
    }
    for (const { traceId } of span.links) {
      if (traceId === span.traceId) continue;
      kept.linkedTo.add(traceId);
      addTo(this.#byLink, traceId, span.traceId);
    }
  }

  #dropOldest(): void {
    for (const [traceId, kept] of this.#traces) {
      if (this.#spans <= this.#maxSpans && this.#bytes <= this.#maxBytes) return;
      this.#traces.delete(traceId);
      this.#spans -= kept.spans.size;
      this.#bytes -= kept.bytes;
      for (const eventId of kept.events) takeFrom(this.#byEvent, eventId, traceId);
      for (const linked of kept.linkedTo) takeFrom(this.#byLink, linked, traceId);
    }
  }
}

function bytesOf({ name, error = '', attributes, events, links }: Span): number {
  const text = JSON.stringify([attributes, events, links]);
  const inValues = (text.match(/[[{]/g)?.length ?? 0) - 4 - links.length - 2 * events.length;
  const places = INDEX_BYTES * (1 + links.length);
  return SPAN_BYTES + places + NESTED_BYTES * inValues + BYTES_PER_CHARACTER * (name.length + error.length + text.length);
}

function addTo(index: Map<string, Set<string>>, key: string, traceId: string): void {
  const set = index.get(key);
  if (set === undefined) index.set(key, new Set([traceId]));
  else set.add(traceId);
}

function takeFrom(index: Map<string, Set<string>>, key: string, traceId: string): void {
  const set = index.get(key);
  set?.delete(traceId);
  if (set?.size === 0) index.delete(key);
}
