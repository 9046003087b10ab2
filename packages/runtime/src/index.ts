export { baseConfigSchema, flag, loadConfig, wholeNumber, type BaseConfig } from './config.ts';
export { Health, type DependencyState, type HealthReport } from './health.ts';
export { HealthController } from './health.controller.ts';
export { KeepErrorFilter, problemCodeOf, sendProblem, toWaybillError } from './keep-error.filter.ts';
export { Lifecycle } from './lifecycle.ts';
export { createLogger, type Logger } from './logger.ts';
export { type CounterName, COUNTERS, type GaugeName, GAUGES, type HistogramName, HISTOGRAMS } from './metrics/catalogue.ts';
export { watchDisk, type WatchedDisk } from './metrics/disk.ts';
export { type Count, type Labels, Metrics, type Observe, type ReadGauge, type Sample } from './metrics/metrics.ts';
export { oneAtATime } from './metrics/one-at-a-time.ts';
export { RuntimeModule } from './runtime.module.ts';
export { runService, type RunningService, type ServiceOptions } from './service.ts';
export { CLOCK, HEALTH, LIFECYCLE, LOGGER, METRICS, type Clock } from './tokens.ts';
export { openTracing, type OpenTracingOptions } from './tracing/open-tracing.ts';
export { preciseNow } from './tracing/precise-now.ts';
export { randomHex } from './tracing/random-hex.ts';
export {
  adoptRequest,
  externalPlace,
  placeOfRequest,
  type RequestPlace,
  traceRequests,
  type TraceRequestsOptions,
} from './tracing/request-spans.ts';
export { ATTRIBUTES, SPANS } from './tracing/span-names.ts';
export { type Attributes, NO_TRACING, type SpanKind, type SpanRecord, type Tracing } from './tracing/tracing.ts';
export { WatchedDependency } from './watched-dependency.ts';
export { type WorkLine, WorkLog } from './work/work-log.ts';
