export { type Span, TraceStore } from './trace-store.ts';
