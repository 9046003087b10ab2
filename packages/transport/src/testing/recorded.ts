import type { SpanRecord, Tracing } from '@waybill/runtime/recording';

/** Keeps what is recorded. Places below one are counted: the nth ends in n. */
export function recorded(): { readonly spans: SpanRecord[]; readonly tracing: Tracing } {
  const spans: SpanRecord[] = [];
  let places = 0;
  const tracing: Tracing = {
    isOn: true,
    begin: () => undefined,
    join: () => undefined,
    childOf: (parent) => parent && { traceId: parent.traceId, spanId: String((places += 1)).padStart(16, '0') },
    record: (span) => void spans.push(span),
    close: () => Promise.resolve(),
  };
  return { spans, tracing };
}
