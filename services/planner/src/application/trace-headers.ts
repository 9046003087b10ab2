import { HEADERS, type TraceContext, traceparentOf } from '@waybill/contracts';

/** What a message says of the place of who writes it: nothing when that is not recorded. */
export const traceHeaders = (trace: TraceContext | undefined): Record<string, string> =>
  trace === undefined ? {} : { [HEADERS.traceparent]: traceparentOf(trace) };
