import { z } from 'zod';
import { flag, loadConfig, wholeNumber } from '../config.ts';

const OTLP_PATH = 'v1/traces';
const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
/** `k=v,k2=v2` with values percent-encoded, as OpenTelemetry writes lists of pairs. */
const PAIRS = /^\s*[^=,\s]+\s*=[^,]*(,\s*[^=,\s]+\s*=[^,]*)*$/;

const httpUrl = z.url({ protocol: /^https?$/, error: 'use an http or https URL' });
const pairs = z.string().regex(PAIRS, 'use key=value,key=value').transform(pairsOf).optional();
const protocol = z.literal('http/json', 'only http/json is spoken; every receiver of OTLP over HTTP takes it').optional();
const count = (least: number, most: number) => wholeNumber.pipe(z.int().min(least).max(most));

const schema = z.object({
  OTEL_SDK_DISABLED: flag.default(false),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none']).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl.optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_HEADERS: pairs,
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: pairs,
  OTEL_EXPORTER_OTLP_TIMEOUT: count(1, 600_000).default(10_000),
  OTEL_TRACES_SAMPLER: z.enum(SAMPLERS).default('always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  /** New traces in a second at most, of one process; 0: no limit. */
  TRACES_PER_SECOND: count(0, 1_000_000).default(0),
  /** Whether spans hold a hash in the place of a tenant's id. */
  TRACE_HASH_TENANTS: flag.default(false),
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_RESOURCE_ATTRIBUTES: pairs,
  OTEL_BSP_SCHEDULE_DELAY: count(1, 60_000).default(5_000),
  OTEL_BSP_MAX_QUEUE_SIZE: count(1, 1_000_000).default(2_048),
  /** Smaller than OpenTelemetry's 512: a batch is made into JSON in one go, and nothing else runs meanwhile. */
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: count(1, 1_000_000).default(128),
});

/** Where spans go, which, and how they wait. Times in ms. */
export interface TracingConfig {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly ratio: number;
  readonly tracesPerSecond: number;
  readonly hashTenants: boolean;
  readonly serviceName: string | undefined;
  readonly resource: Readonly<Record<string, string>>;
  readonly queue: { readonly delayMs: number; readonly spans: number; readonly batch: number };
}

/** What OTEL_* and TRACES_PER_SECOND ask for; undefined: nothing is traced. Throws WB_CONFIG_INVALID with the variable's name. */
export function tracingConfigOf(env: NodeJS.ProcessEnv): TracingConfig | undefined {
  const given = loadConfig(schema, env);
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: exporter } = given;
  const isAsked = base !== undefined || endpoint !== undefined || exporter === 'otlp';
  if (given.OTEL_SDK_DISABLED || exporter === 'none' || !isAsked) return undefined;
  const spans = given.OTEL_BSP_MAX_QUEUE_SIZE;
  return {
    url: endpoint ?? `${(base ?? 'http://localhost:4318').replace(/\/+$/, '')}/${OTLP_PATH}`,
    headers: { ...given.OTEL_EXPORTER_OTLP_HEADERS, ...given.OTEL_EXPORTER_OTLP_TRACES_HEADERS },
    timeoutMs: given.OTEL_EXPORTER_OTLP_TIMEOUT,
    ratio: ratioOf(given.OTEL_TRACES_SAMPLER, given.OTEL_TRACES_SAMPLER_ARG),
    tracesPerSecond: given.TRACES_PER_SECOND,
    hashTenants: given.TRACE_HASH_TENANTS,
    serviceName: given.OTEL_SERVICE_NAME,
    resource: given.OTEL_RESOURCE_ATTRIBUTES ?? {},
    queue: { delayMs: given.OTEL_BSP_SCHEDULE_DELAY, spans, batch: Math.min(spans, given.OTEL_BSP_MAX_EXPORT_BATCH_SIZE) },
  };
}

/** Those that go by a parent and those that do not are the same here: who has a parent follows it. */
function ratioOf(sampler: (typeof SAMPLERS)[number], ratio: number): number {
  if (sampler.endsWith('always_on')) return 1;
  return sampler.endsWith('always_off') ? 0 : ratio;
}

function pairsOf(text: string): Record<string, string> {
  const entries = text.split(',').map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())];
  });
  return Object.fromEntries(entries);
}

/** A lone percent sign stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
