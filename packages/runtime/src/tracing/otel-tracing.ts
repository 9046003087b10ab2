import { randomUUID } from 'node:crypto';
import { type HrTime, type Link, type SpanContext, SpanKind as OtelKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type ReadableSpan, type SpanProcessor } from '@opentelemetry/sdk-trace';
import { rootSpanIdOf, type TraceContext } from '@waybill/contracts';
import type { Logger } from '../logger.ts';
import { randomHex } from './random-hex.ts';
import { Sampler } from './sampler.ts';
import { ATTRIBUTES, SEMANTIC_CONVENTIONS } from './span-names.ts';
import { WatchedExporter } from './watched-exporter.ts';
import type { TracingConfig } from './tracing-config.ts';
import type { Attributes, SpanKind, SpanRecord, Tracing } from './tracing.ts';

const CLOSE_MS = 2_000;
const MAX_LINKS = 128;
const MAX_CHARACTERS = 1_024;
const KINDS: Record<SpanKind, OtelKind> = {
  server: OtelKind.SERVER,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
  client: OtelKind.CLIENT,
  internal: OtelKind.INTERNAL,
};

/**
 * Hands spans to OpenTelemetry's batches and its OTLP exporter. They are made whole (its interface `ReadableSpan`) instead of started and ended: their ids are ours, and that takes
 * a fifth of the time. When the queue is full, new spans are dropped.
 */
class OtelTracing implements Tracing {
  readonly isOn = true;
  readonly #sampler: Sampler;
  readonly #processor: SpanProcessor;
  readonly #resource: Resource;

  constructor(sampler: Sampler, processor: SpanProcessor, resource: Resource) {
    this.#sampler = sampler;
    this.#processor = processor;
    this.#resource = resource;
  }

  begin(traceId: string, always = false): TraceContext | undefined {
    return always || this.#sampler.takes(traceId) ? { traceId, spanId: rootSpanIdOf(traceId) } : undefined;
  }

  join(parent: TraceContext): TraceContext | undefined {
    return this.#sampler.hasRoom() ? this.childOf(parent) : undefined;
  }

  childOf(parent: TraceContext | undefined): TraceContext | undefined {
    return parent && { traceId: parent.traceId, spanId: randomHex(8) };
  }

  record(span: SpanRecord): void {
    // One that was at no time would take all others of its batch with it: none of them could be written.
    if (!isTime(span.startMs) || !isTime(span.endMs)) return;
    this.#processor.onEnd(readable(span, this.#resource));
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, CLOSE_MS);
    await Promise.race([promise, this.#processor.shutdown().catch(() => undefined)]);
    clearTimeout(timer);
  }
}

/** Opens tracing as configured. Only this file and what it imports load OpenTelemetry. */
export function otelTracing(
  config: TracingConfig,
  { service, region, logger }: { readonly service: string; readonly region: string; readonly logger: Logger },
): Tracing {
  const { url, headers, timeoutMs, queue, ratio, tracesPerSecond } = config;
  const exporter = new WatchedExporter(new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: timeoutMs }), logger);
  const processor = new BatchSpanProcessor({
    exporter,
    maxQueueSize: queue.spans,
    maxExportBatchSize: queue.batch,
    scheduledDelayMillis: queue.delayMs,
    exportTimeoutMillis: 2 * timeoutMs,
  });
  const own = resourceFromAttributes(
    {
      [ATTRIBUTES.cloudRegion]: region,
      'service.instance.id': randomUUID(),
      'service.name': `waybill-${service}`,
      ...config.resource,
      ...(config.serviceName === undefined ? {} : { 'service.name': config.serviceName }),
    },
    { schemaUrl: `https://opentelemetry.io/schemas/${SEMANTIC_CONVENTIONS}` },
  );
  return new OtelTracing(new Sampler({ ratio, perSecond: tracesPerSecond }), processor, defaultResource().merge(own));
}

const SCOPE = { name: 'waybill' };

function readable(span: SpanRecord, resource: Resource): ReadableSpan {
  const { name, kind, parent, links = [], startMs, endMs, attributes, error, events = [] } = span;
  const context = otelContext(span.context);
  return {
    name,
    kind: KINDS[kind],
    spanContext: () => context,
    ...(parent === undefined ? {} : { parentSpanContext: otelContext(parent) }),
    startTime: hrTime(startMs),
    endTime: hrTime(Math.max(startMs, endMs)),
    duration: hrTime(Math.max(0, endMs - startMs)),
    status: error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: error.slice(0, MAX_CHARACTERS) },
    attributes: told(attributes),
    links: links.slice(0, MAX_LINKS).map((link): Link => ({ context: otelContext(link) })),
    events: events
      .filter(({ atMs }) => isTime(atMs))
      .map((event) => ({ name: event.name, time: hrTime(event.atMs), attributes: told(event.attributes) })),
    ended: true,
    resource,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: Math.max(0, links.length - MAX_LINKS),
  };
}

const otelContext = ({ traceId, spanId }: TraceContext): SpanContext => ({ traceId, spanId, traceFlags: TraceFlags.SAMPLED });

const isTime = (ms: number): boolean => Number.isFinite(ms) && ms >= 0;

function hrTime(ms: number): HrTime {
  const seconds = Math.trunc(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1e6)];
}

/** Without what is undefined or no number that JSON has, for which a receiver would refuse the whole batch; and with long texts cut. */
function told(attributes: Attributes = {}): Record<string, string | number | boolean> {
  const all: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined && !(typeof value === 'number' && !Number.isFinite(value)))
      all[key] = typeof value === 'string' ? value.slice(0, MAX_CHARACTERS) : value;
  return all;
}
