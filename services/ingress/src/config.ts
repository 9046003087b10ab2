import { bodyVariables, MAX_BODY_BYTES } from '@waybill/bodies';
import { REGION_ID } from '@waybill/contracts';
import { egressVariables } from '@waybill/egress';
import { baseConfigSchema, flag, wholeNumber } from '@waybill/runtime';
import { z } from 'zod';
import { TRUSTED_SOURCES } from './adapters/event-traces.ts';

const apiKey = z.string().min(8, 'use at least 8 characters').regex(/^\S+$/, 'use no blanks');

/** What the ingress reads from the environment, beside what every service does. */
export const ingressConfigSchema = baseConfigSchema.extend({
  ...egressVariables,
  ...bodyVariables,
  /** The first admin key: `Authorization: Bearer <key>` for /v1 and /admin. */
  MANAGEMENT_API_KEY: apiKey,
  /** Keys that may do less: see everything but secrets, and with the operator's also repair things. Absent: there is none. */
  OPERATOR_API_KEY: apiKey.optional(),
  VIEWER_API_KEY: apiKey.optional(),
  /** Where the built dashboard is; absent: none is served. */
  DASHBOARD_DIR: z.string().min(1).optional(),
  /** Folder of what this process keeps on disk; all of it can be made anew from the LOG. */
  DATA_DIR: z.string().min(1).default('.waybill'),
  MAX_BODY_BYTES: wholeNumber
    .pipe(z.int().min(1).max(MAX_BODY_BYTES, 'no payload may be larger than 26214400 bytes (25 MiB)'))
    .default(1_048_576),
  /** Larger payloads go into the body store, and their events name them. Below nats-server's 8 MiB for one message. */
  BODY_INLINE_BYTES: wholeNumber.pipe(z.int().min(1).max(4_194_304)).default(262_144),
  /** How long an idempotency key is remembered. */
  IDEMPOTENCY_TTL_SECONDS: wholeNumber.pipe(z.int().min(1).max(2_592_000)).default(86_400),
  /** Webhooks a source may send in a minute; 0: no limit. */
  WEBHOOK_RATE_LIMIT_PER_MINUTE: wholeNumber.pipe(z.int().min(0)).default(0),
  /** Whether sources of verification kind `none` may be made and used. */
  ALLOW_UNVERIFIED_SOURCES: flag.default(false),
  /** Time between two looks at the GitHub App's delivery list for webhooks that did not arrive. */
  GITHUB_SWEEP_SECONDS: wholeNumber.pipe(z.int().min(1).max(3_600)).default(60),
  /** Webhooks that GitHub is asked for again in a second. */
  GITHUB_REDELIVERIES_PER_SECOND: wholeNumber.pipe(z.int().min(1).max(100)).default(1),
  /** Where the projector listens; without it the GET routes answer 503. */
  PROJECTOR_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Where the trace store listens ("waybill traces serve"); absent: traces are not shown here. */
  TRACES_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Address of a trace in a tool of your own, with {traceId} or {eventId} in it; the dashboard links there. */
  TRACE_LINK_TEMPLATE: z
    .string()
    .regex(/^https?:\/\/\S*\{(traceId|eventId)\}\S*$/, 'use an http or https URL with {traceId} or {eventId} in it')
    .optional(),
  /** Where this ingress is reached from outside, as the other regions are told; absent: where it listens. */
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Where the services of other regions reach this ingress, for large payloads; absent: at PUBLIC_URL. */
  INTERNAL_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** JetStream domain that holds the control bucket. Unused with a single region. */
  CONTROL_DOMAIN: z.string().regex(REGION_ID, 'use the name of a JetStream domain').default('hub'),
  /** Sources whose callers' traces are gone on with, by commas: ids, `api` for the API, `*` for all. Absent: events begin traces of their own. */
  TRACE_TRUSTED_SOURCES: z.string().regex(TRUSTED_SOURCES, 'use ids of sources, separated by commas').optional(),
  /** Within this time a request must have arrived as a whole. */
  REQUEST_RECEIVE_TIMEOUT_MS: wholeNumber.pipe(z.int().min(100).max(300_000)).default(10_000),
});
export type IngressConfig = z.output<typeof ingressConfigSchema>;
