import { WaybillError } from '@waybill/contracts';
import { z } from 'zod';

/** An environment flag: `true/1/yes/on` or `false/0/no/off`, in any case; anything else is an error. */
export const flag = z.stringbool();
/** A whole number from the environment. */
export const wholeNumber = z.coerce.number().pipe(z.int());
const port = wholeNumber.pipe(z.int().min(0).max(65_535));

/** What every service reads. Names of earlier setups (`REGION_HOST`, `REGION_KEY`, `APP_PORT`) are accepted beside the present ones. */
export const baseConfigSchema = z.object({
  REGION: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, 'use a-z, 0-9 and -, as in us-central1')
    .default('local'),
  NATS_URL: z.string().min(1).default('nats://127.0.0.1:4222'),
  NATS_USER: z.string().optional(),
  NATS_PASSWORD: z.string().optional(),
  APP_HOST: z.string().default('127.0.0.1'),
  PORT: port.default(0),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** Whether /metrics is served and what it shows is counted. */
  METRICS_ENABLED: flag.default(true),
  /** A bearer token that /metrics asks for; absent: it is open to whoever reaches the service. */
  METRICS_TOKEN: z.string().min(8, 'use at least 8 characters').optional(),
  /** Lines about work that went well in a second at most, of one process; failures are always told. 0: none. */
  LOG_WORK_PER_SECOND: wholeNumber.pipe(z.int().min(0).max(100_000)).default(50),
  EVENT_SCHEMA_VERSION: wholeNumber.pipe(z.int().min(1)).default(3),
  EVENT_SCHEMA_MIN_COMPATIBLE: wholeNumber.pipe(z.int().min(1)).default(2),
});
export type BaseConfig = z.output<typeof baseConfigSchema>;

const EARLIER_NAMES = { REGION_HOST: 'NATS_URL', REGION_KEY: 'NATS_PASSWORD', APP_PORT: 'PORT' } as const;

/** An empty variable counts as not set: compose files and shells write them that way. */
function withEarlierNames(env: NodeJS.ProcessEnv): Record<string, string> {
  const given = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '');
  const values = Object.fromEntries(given);
  for (const [earlier, name] of Object.entries(EARLIER_NAMES)) {
    const value = values[earlier];
    if (value !== undefined && values[name] === undefined) values[name] = value;
  }
  return values;
}

/**
 * Reads the configuration from the environment, once, at start. Throws WB_CONFIG_INVALID whose detail names every bad variable and what it
 * should be; values are not repeated, for they may be secrets.
 */
export function loadConfig<S extends z.ZodType>(schema: S, env: NodeJS.ProcessEnv = process.env): z.output<S> {
  const parsed = schema.safeParse(withEarlierNames(env));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'environment'}: ${issue.message}`);
  throw new WaybillError('WB_CONFIG_INVALID', lines.join('; '));
}
