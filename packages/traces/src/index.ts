export { decodeOtlp } from './decode-otlp.ts';
export { startTraceReceiver, type TraceReceiver, type TraceReceiverOptions } from './trace-receiver.ts';
export { TraceStore, type TraceStoreOptions } from './trace-store.ts';
export { viewTrace } from './view-trace.ts';
