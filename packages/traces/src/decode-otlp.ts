import { type Span, WaybillError } from '@waybill/contracts';
import { z } from 'zod';
import { attributesOf, int64, rawAttributes } from './attributes.ts';

/** OTLP's numbers for the kinds of spans; 0 is for none that was told. */
const KINDS = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const FAILED = 2;
const DEFAULT_ERROR = 'failed';

const traceId = z.string().regex(/^(?!0{32})[0-9a-f]{32}$/i, 'use 32 hex digits');
const spanId = z.string().regex(/^(?!0{16})[0-9a-f]{16}$/i, 'use 16 hex digits');
/** What a date can be, in ms. */
const LAST_MS = 8.64e15;
/** ns since 1970, in ms: to about 0.2 us, which is what a number can hold. */
const time = int64
  .transform((ns) => Number(BigInt(ns) / 1_000n) / 1_000)
  .refine((ms) => ms >= 0 && ms <= LAST_MS, 'use a time from 1970 on');

const spanSchema = z.object({
  traceId,
  spanId,
  parentSpanId: z.union([z.literal(''), spanId]).nullish(),
  name: z.string(),
  kind: z.int().min(0).max(5).default(0),
  startTimeUnixNano: time,
  endTimeUnixNano: time,
  attributes: rawAttributes,
  events: z.array(z.object({ name: z.string().default(''), timeUnixNano: time, attributes: rawAttributes })).default([]),
  links: z.array(z.object({ traceId, spanId })).default([]),
  status: z.object({ code: z.int().default(0), message: z.string().default('') }).nullish(),
});

const requestSchema = z.object({
  resourceSpans: z
    .array(
      z.object({
        resource: z.object({ attributes: rawAttributes }).nullish(),
        scopeSpans: z.array(z.object({ spans: z.array(spanSchema).default([]) })).default([]),
      }),
    )
    .default([]),
});

/**
 * The spans of an `ExportTraceServiceRequest` of OTLP/HTTP in JSON (opentelemetry-proto 1.x). The region of a span is where its work was done: its own word, else its
 * process's. Throws WB_BAD_REQUEST with the place of what is wrong; then there is no span at all.
 */
export function decodeOtlp(json: unknown): Span[] {
  try {
    return requestSchema.parse(json).resourceSpans.flatMap(({ resource, scopeSpans }) => {
      const about = attributesOf(resource?.attributes ?? []);
      return scopeSpans.flatMap(({ spans }) => spans.map((raw) => spanOf(raw, about)));
    });
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const issue = error.issues[0];
    throw new WaybillError('WB_BAD_REQUEST', `no OTLP request: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, { cause: error });
  }
}

function spanOf(raw: z.output<typeof spanSchema>, resource: Readonly<Record<string, unknown>>): Span {
  const attributes = attributesOf(raw.attributes);
  return {
    traceId: raw.traceId.toLowerCase(),
    spanId: raw.spanId.toLowerCase(),
    ...(raw.parentSpanId ? { parentSpanId: raw.parentSpanId.toLowerCase() } : {}),
    name: raw.name,
    kind: KINDS[raw.kind] ?? 'internal',
    service: textOf(resource['service.name']),
    region: textOf(attributes['waybill.region.executed'] ?? attributes['cloud.region'] ?? resource['cloud.region']),
    startMs: raw.startTimeUnixNano,
    endMs: raw.endTimeUnixNano,
    attributes,
    ...(raw.status?.code === FAILED ? { error: raw.status.message || DEFAULT_ERROR } : {}),
    events: raw.events.map((one) => ({ name: one.name, atMs: one.timeUnixNano, attributes: attributesOf(one.attributes) })),
    links: raw.links.map((one) => ({ traceId: one.traceId.toLowerCase(), spanId: one.spanId.toLowerCase() })),
  };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
