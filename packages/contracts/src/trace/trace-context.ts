import { hexOfId } from '../ids.ts';

/** A place in a trace that is recorded, as W3C Trace Context names it: 32 and 16 lower-case hex digits. What is not recorded has no place, and nothing is passed on for it. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
}

/** What a `traceparent` says. `isSampled`: its sender records the trace. */
export interface Traceparent extends TraceContext {
  readonly isSampled: boolean;
}

/** Version 00 is four fields; a later version may have more (https://www.w3.org/TR/trace-context/). */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Reads a `traceparent`; undefined for anything that is none, as two of them joined by a comma. */
export function parseTraceparent(text: string): Traceparent | undefined {
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined || (version === '00' && more !== undefined)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags ?? '', 16) & 1) === 1 };
}

/** The place that a message or a fact of ours carries; undefined when its trace is not recorded. */
export function recordedContext(traceparent: string): TraceContext | undefined {
  if (traceparent === '') return undefined;
  const { isSampled, traceId = '', spanId = '' } = parseTraceparent(traceparent) ?? {};
  return isSampled === true ? { traceId, spanId } : undefined;
}

/** A `traceparent` of version 00 for what is recorded. */
export const traceparentOf = ({ traceId, spanId }: TraceContext): string => `00-${traceId}-${spanId}-01`;

/**
 * The trace of what a time-sortable id names, unless its sender's trace is gone on with: the 128 bits of the id itself, so that whoever has the one has the other and nothing
 * must be stored. A delivery id names its event's trace; that of a delivery which a job made, one of its own. Undefined for ids of another making.
 */
export const traceIdOf = (id: string): string | undefined => hexOfId(id);

/** The first span of a trace that has its id from an event: 64 bits of the id's randomness. Who knows the event knows where it came in. */
export const rootSpanIdOf = (traceId: string): string => traceId.slice(16);
