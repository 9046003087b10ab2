/** What spans are recorded with, without Nest: a thread that runs from sources cannot load that, for plain Node knows no decorators. */
export { preciseNow } from './tracing/precise-now.ts';
export { ATTRIBUTES, SPANS } from './tracing/span-names.ts';
export { type Attributes, NO_TRACING, type SpanKind, type SpanRecord, type Tracing } from './tracing/tracing.ts';
