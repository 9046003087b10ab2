import type { Logger } from '../logger.ts';
import { HashedTenants } from './hashed-tenants.ts';
import { tracingConfigOf } from './tracing-config.ts';
import { NO_TRACING, type Tracing } from './tracing.ts';

export interface OpenTracingOptions {
  /** ingress, planner, dispatcher or projector. */
  readonly service: string;
  /** Of the process; a dispatcher of several regions says in each span which one it is about. */
  readonly region: string;
  /** OTEL_*, TRACES_PER_SECOND and TRACE_HASH_TENANTS are read. */
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
}

/**
 * Opens what records spans, as OTEL_* says; nothing of OpenTelemetry is loaded when nothing is configured. A receiver of spans that is slow or gone is told of in one line
 * and costs at most a queue of spans. Throws WB_CONFIG_INVALID.
 */
export async function openTracing({ env, ...about }: OpenTracingOptions): Promise<Tracing> {
  const config = tracingConfigOf(env);
  if (config === undefined) return NO_TRACING;
  const { otelTracing } = await import('./otel-tracing.ts');
  const tracing = otelTracing(config, about);
  return config.hashTenants ? new HashedTenants(tracing) : tracing;
}
