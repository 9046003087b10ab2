/** What a public error means: the HTTP status it is answered with, whether trying again can help, and what the caller should do. */
export interface ErrorSpec {
  readonly status: number;
  readonly title: string;
  readonly retryable: boolean;
  readonly remedy: string;
}

const spec = (status: number, title: string, remedy: string, retryable = false): ErrorSpec => ({ status, title, retryable, remedy });

/** Every error a user of Waybill can meet, by its stable code. `docs/errors.md` is generated from this table and checked against it. */
export const ERRORS = {
  WB_MALFORMED_JSON: spec(400, 'The body is not valid JSON', 'Send one JSON value encoded as UTF-8.'),
  WB_JSON_TOO_DEEP: spec(400, 'The JSON is nested too deeply', 'Keep objects and arrays at most 64 levels deep.'),
  WB_DUPLICATE_KEY: spec(400, 'A JSON key occurs twice', 'Send each key once; which of two values was meant cannot be known.'),
  WB_BAD_REQUEST: spec(400, 'The request cannot be understood', 'Check the request line and headers.'),
  WB_UNAUTHORIZED: spec(401, 'A valid key is needed', 'Send "Authorization: Bearer <key>"; the first key is MANAGEMENT_API_KEY.'),
  WB_LINK_INVALID: spec(
    401,
    'The sign-in link is not valid any more',
    'Each link works once, for ten minutes: ask for a new one with "waybill dashboard".',
  ),
  WB_FORBIDDEN: spec(403, 'Your role does not allow that', 'Sign in with a key of the role named in the detail.'),
  WB_ORIGIN_DENIED: spec(403, 'The request comes from another site', 'Use the dashboard of this address, or send the key as a bearer.'),
  WB_SIGNATURE_MISSING: spec(401, 'The signature is missing', 'Send the signature header that the source is configured for.'),
  WB_SIGNATURE_INVALID: spec(401, 'The signature does not match', 'Sign the raw body with the secret of this source.'),
  WB_TIMESTAMP_STALE: spec(401, 'The signed timestamp is too far from now', 'Sign anew, and check the clock of the sender.'),
  WB_NOT_FOUND: spec(404, 'Nothing is here', 'Check the path; /openapi.json lists every route.'),
  WB_TENANT_UNKNOWN: spec(404, 'The tenant is not known', 'Create it with PUT /v1/tenants/{tenantId}.'),
  WB_SOURCE_UNKNOWN: spec(404, 'The source is not known', 'Create it with POST /v1/sources.'),
  WB_ENDPOINT_UNKNOWN: spec(404, 'The endpoint is not known', 'List them with GET /v1/tenants/{tenantId}/endpoints.'),
  WB_ENDPOINT_DISABLED: spec(
    409,
    'The endpoint is disabled',
    'Take it up again with POST .../endpoints/{id}/resume, then send the same request.',
  ),
  WB_METHOD_NOT_ALLOWED: spec(405, 'The method is not allowed here', '/openapi.json lists every route with its methods.'),
  WB_REQUEST_TIMEOUT: spec(408, 'The request took too long to arrive', 'Send the whole request without pausing.', true),
  WB_CONFLICT: spec(409, 'It exists already or was changed meanwhile', 'Read it again and decide anew.'),
  WB_REGION_UNKNOWN: spec(404, 'The region is not known', 'GET /v1/regions lists them.'),
  WB_REGION_STATE: spec(409, 'The region is not in a state for that', 'GET /v1/regions shows its state; read the detail and decide anew.'),
  WB_FAILOVER_UNSAFE: spec(
    409,
    'The region still answers',
    'Leave "force" out to drain it first, or make sure that it is down or cut off and send "force": true.',
  ),
  WB_MISDIRECTED: spec(421, 'The tenant lives in another region', 'Send the request to the address in "url".'),
  WB_PLACEMENT_FIXED: spec(
    409,
    'The placement cannot be changed like that',
    'Residency, and the home of a strict tenant, are fixed when it is made: create a new tenant.',
  ),
  WB_BODY_TOO_LARGE: spec(413, 'The body is too large', 'Stay under MAX_BODY_BYTES.'),
  WB_MEDIA_TYPE: spec(415, 'The media type is not supported', 'Send application/json.'),
  WB_SCHEMA_VIOLATION: spec(422, 'The body does not fit the schema', 'Correct the fields named in "errors".'),
  WB_IDEMPOTENCY_MISMATCH: spec(422, 'The idempotency key was used with another body', 'Use a new key for a new event.'),
  WB_VERIFICATION_NONE_REFUSED: spec(
    422,
    'Unverified sources are not allowed',
    'Set ALLOW_UNVERIFIED_SOURCES=true if you really want one.',
  ),
  WB_EGRESS_DENIED: spec(422, 'The address is not allowed', 'Use a public address, or add the network to EGRESS_ALLOW.'),
  WB_RATE_LIMITED: spec(429, 'Too many requests', 'Wait as long as Retry-After says.', true),
  WB_HEADERS_TOO_LARGE: spec(431, 'The headers are too large', 'Stay under 16 KiB of headers.'),
  WB_INTERNAL: spec(500, 'Something broke here', 'Try again; if it stays, report the request id.', true),
  WB_GITHUB_OFF: spec(
    404,
    'No GitHub App is set up here',
    'Set GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY and GITHUB_WEBHOOK_SECRET, as the README says.',
  ),
  WB_TRACES_OFF: spec(
    404,
    'No trace store is set up here',
    'Set TRACES_URL to where "waybill traces serve" listens, or TRACE_LINK_TEMPLATE for a link to a tool of your own.',
  ),
  WB_TRACE_UNKNOWN: spec(
    404,
    'No span of this trace is kept',
    'It was not sampled, has not arrived yet, or was dropped for newer ones. GET /v1/events/{id} tells what happened all the same.',
  ),
  WB_PAUSE_UNKNOWN: spec(404, 'The pause is not known', 'GET /v1/pauses lists them.'),
  WB_GITHUB_AWAY: spec(
    503,
    'GitHub cannot be reached',
    'Nothing is lost: it is tried again by itself. See https://www.githubstatus.com.',
    true,
  ),
  WB_GITHUB_LIMITED: spec(503, 'GitHub asks to slow down', 'Nothing is lost: it goes on when GitHub says so.', true),
  WB_JOB_UNKNOWN: spec(404, 'The job is not known', 'GET /v1/jobs lists the jobs of this region.'),
  WB_JOB_STATE: spec(409, 'The job is not in a state for that', 'GET /v1/jobs/{id} shows its state.'),
  WB_JOB_OVERLAP: spec(409, 'Another job works on the same', 'Wait for the job in "jobId" to end, or cancel it.'),
  WB_JOB_TOO_LARGE: spec(422, 'That is more than one job may hold', 'Narrow the filter, for example by time, and make several jobs.'),
  WB_REPLAY_RANGE: spec(422, 'The range cannot be replayed', 'Choose a range inside the retention named in the detail.'),
  WB_DEAD_LETTER_UNKNOWN: spec(404, 'The dead letter is not known', 'GET /v1/dead-letters lists them.'),
  WB_DELIVERY_UNKNOWN: spec(404, 'The delivery is not known', 'GET /v1/deliveries lists them.'),
  WB_DELIVERY_STATE: spec(409, 'The delivery is not in a state for that', 'GET /v1/deliveries/{id} shows its state.'),
  WB_READS_BEHIND: spec(
    503,
    'The read models are behind the log',
    'Try again when they have caught up; the detail says how far they are.',
    true,
  ),
  WB_REBUILD_STATE: spec(409, 'The read models are not in a state for that', '"waybill projections status" shows what is under way.'),
  WB_BODY_AWAY: spec(503, 'The body lies in a region that cannot be reached', 'It is tried again by itself; see docs/runbooks.', true),
  WB_BACKUP_INVALID: spec(500, 'The backup cannot be used', 'Read the detail: nothing was changed.'),
  WB_RESTORE_UNFINISHED: spec(500, 'A restore was broken off', 'Run the same "waybill restore" again: it finishes what is left.'),
  WB_AUDIT_FAILED: spec(500, 'The log could not be walked to its end', 'Correct what the detail says and run the audit again.'),
  WB_NATS_AWAY: spec(503, 'The log cannot be reached', 'Wait as long as Retry-After says and send the same request again.', true),
  WB_LIVE_FULL: spec(503, 'Too many clients follow live already', 'Ask the lists instead, and try again later.', true),
  WB_LOG_FULL: spec(503, 'The log cannot store more', 'Wait as long as Retry-After says; the operator must make room.', true),
  WB_NOT_READY: spec(503, 'The service is starting or stopping', 'Wait as long as Retry-After says.', true),
  WB_CONTROL_AWAY: spec(503, 'The control bucket cannot be reached', 'Regions go on by themselves; try again when the hub is back.', true),
  WB_PROJECTOR_AWAY: spec(503, 'The read models cannot be reached', 'Events are still accepted; ask again later.', true),
  WB_TRACES_AWAY: spec(503, 'The trace store cannot be reached', 'Events go on without it; ask again later.', true),
  WB_CONFIG_INVALID: spec(500, 'The configuration is not valid', 'Correct the variables named in the message.'),
  WB_TOPOLOGY_IMMUTABLE: spec(500, 'A stream cannot be changed to what is wanted', 'Follow the remedy in the message.'),
  WB_TOPOLOGY_MISSING: spec(500, 'A stream or consumer is missing', 'Run "waybill provision" first.'),
  WB_NATS_TOO_OLD: spec(500, 'This nats-server is too old', 'Waybill needs nats-server 2.15.0 or newer.'),
} as const satisfies Record<`WB_${string}`, ErrorSpec>;

export type ErrorCode = keyof typeof ERRORS;

/** An expected failure with a public code. `detail` says what happened in this case; the table says what to do. */
export class WaybillError extends Error {
  override readonly name = 'WaybillError';
  readonly code: ErrorCode;
  /** Further members for the problem document, such as `errors` or `retryAfterSeconds`. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, detail: string, options: { cause?: unknown; extra?: Record<string, unknown> } = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.extra = options.extra ?? {};
  }
}

/** Recognises a WaybillError by shape as well as by class, so that two copies of this package do not disagree. */
export function isWaybillError(error: unknown): error is WaybillError {
  return error instanceof WaybillError || (error instanceof Error && error.name === 'WaybillError' && 'code' in error);
}

/** An RFC 9457 problem document. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly remedy: string;
  readonly [member: string]: unknown;
}

/** The problem document of an error, for `application/problem+json`. */
export function problemOf(error: WaybillError): Problem {
  const { status, title, remedy } = ERRORS[error.code];
  return { type: `urn:waybill:error:${error.code}`, title, status, code: error.code, detail: error.message, remedy, ...error.extra };
}

/** Fails to compile when a union gained a member that the caller does not handle. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}
