import type { Tracing, WorkLog } from '@waybill/runtime';
import type { RegionCounts } from './dispatcher-metrics.ts';

/** How the worker of one region is seen from outside. */
export interface RegionTelemetry {
  readonly tracing: Tracing;
  readonly counts: RegionCounts;
  readonly work: WorkLog;
}
