import { REGION_ID } from '@waybill/contracts';
import { z } from 'zod';
import { type FoundKey, readKey } from './key-reference.ts';
import type { KeyElsewhere, RegionConfig } from './region-config.ts';

const isAbsent = (input: unknown): boolean => input === undefined || input === null;

/** Text that has to be there. `remedy` says what to write. */
const text = (remedy: string) =>
  z
    .string({ error: ({ input }) => (isAbsent(input) ? `missing; ${remedy}` : 'not text; put the value in quotes') })
    .trim()
    .min(1, { error: `empty; ${remedy}`, abort: true });

const numberWhere = (isGood: (value: number) => boolean, error: string) => z.number({ error }).refine(isGood, { error });

const wholeNumberIn = (min: number, max: number) =>
  numberWhere(
    (value) => Number.isInteger(value) && value >= min && value <= max,
    `not a whole number from ${min} to ${max}, without quotes`,
  );

/** Why `id` cannot be the id of a region, or undefined. `hub` is the JetStream domain between the regions. */
export function idProblem(id: string): string | undefined {
  if (!REGION_ID.test(id)) return 'not an id; use a-z, 0-9 and -, at most 40 characters, as in us-central1';
  return id === 'hub' ? 'hub is the name of what connects the regions; choose another id' : undefined;
}

/** A NATS address: `nats://` or `tls://`, host, and a port that only a URL may leave out. */
function isServer(address: string): boolean {
  const [, scheme, rest] = /^(?:(nats|tls):\/\/)?([^/@?#\s]+)$/.exec(address) ?? [];
  return rest !== undefined && URL.canParse(`http://${rest}`) && (scheme !== undefined || /:\d+$/.test(rest));
}

const hostAddresses = (host: string): string[] => host.split(',').map((address) => address.trim());

const isWebAddress = (url: string): boolean => /^https?:\/\/[^/]/i.test(url) && URL.canParse(url);

const spilloverSchema = z.strictObject(
  {
    queueDepth: wholeNumberIn(1, 1_000_000_000).default(100),
    concurrencyPercent: numberWhere((value) => value >= 1 && value <= 100, 'not a number from 1 to 100, without quotes').default(80),
    errorRate: numberWhere((value) => value >= 0 && value <= 1, 'not a share from 0 to 1 (0.05 is 5 %), without quotes').default(0.05),
  },
  {
    error: ({ code }) =>
      code === 'invalid_type' ? 'not a mapping; write queueDepth, concurrencyPercent and errorRate below it' : undefined,
  },
);

/** How an entry's key is understood, and where that entry is. */
export interface KeyReading {
  readonly find: (key: string) => FoundKey;
  readonly declaredAt: string;
}

const fields = ({ find, declaredAt }: KeyReading) => ({
  id: text('add the label of the region, as in us-central1').refine((id) => idProblem(id) === undefined, {
    error: ({ input }) => idProblem(String(input)),
  }),
  host: text('add the address of its NATS server, as in nats://nats.us-central1.example.com:4222')
    .refine((host) => hostAddresses(host).every(isServer), {
      error:
        'not an address; use nats://host:port, tls://host:port or host:port, several separated by commas; the credential goes into key',
    })
    .transform((host) => hostAddresses(host).join(',')),
  region: text("add the cloud's name for the region, as in us-central1"),
  key: text('add the credential for host, or a reference: env:NAME or file:PATH').transform((key, context): string | KeyElsewhere => {
    const found = find(key);
    if ('secret' in found) return found.secret;
    if ('reference' in found) return { ...found, declaredAt };
    context.addIssue({ code: 'custom', message: found.problem });
    return z.NEVER;
  }),
  webhook_url: text('add where events go whose tenant has no endpoint here, as in https://hooks.example.com/events').refine(isWebAddress, {
    error: 'not a web address; use http://... or https://...',
  }),
  poll_interval_ms: wholeNumberIn(100, 600_000).optional(),
  max_retries_per_poll: wholeNumberIn(0, 1_000).optional(),
  request_timeout_ms: wholeNumberIn(100, 120_000).optional(),
  priority: wholeNumberIn(1, 1_000).optional(),
  rate_limit_per_second: numberWhere((value) => value > 0 && value <= 1_000_000, 'not a number above 0, without quotes').optional(),
  spillover: spilloverSchema.prefault({}),
});

/** The names that an entry, and the `spillover` of one, may have. */
export const FIELD_NAMES = {
  entry: Object.keys(fields({ find: readKey, declaredAt: '' })),
  spillover: Object.keys(spilloverSchema.shape),
} as const;

/** One entry of REGIONS_CONFIG. Parsing reads the key as `reading` says, so a bad one is told beside the other problems. */
export const regionSchema = (reading: KeyReading) =>
  z
    .strictObject(fields(reading), {
      error: ({ code }) =>
        code === 'invalid_type' ? 'not a mapping; write its fields below each other, as in "- id: us-central1"' : undefined,
    })
    .transform((entry): RegionConfig => ({
      id: entry.id,
      host: entry.host,
      region: entry.region,
      key: entry.key,
      webhookUrl: entry.webhook_url,
      pollIntervalMs: entry.poll_interval_ms,
      maxRetriesPerPoll: entry.max_retries_per_poll,
      requestTimeoutMs: entry.request_timeout_ms,
      priority: entry.priority,
      rateLimitPerSecond: entry.rate_limit_per_second,
      spillover: entry.spillover,
    }));
