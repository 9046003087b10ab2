/** Headers as undici takes them: name, value, name, value. */
export type FlatHeaders = readonly string[];

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Hop-by-hop headers, and those that the transport sets itself. */
const REFUSED: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Whether an endpoint may add this header: well-formed, not hop-by-hop, and not one by which receivers verify or tell events apart. */
export function isEndpointHeader(name: string, value: string): boolean {
  const lower = name.toLowerCase();
  if (REFUSED.has(lower) || lower.startsWith('webhook-') || lower.startsWith('waybill-')) return false;
  return TOKEN.test(name) && FIELD_VALUE.test(value);
}

/** The headers that stay the same for every attempt to one endpoint; its own ones win over the defaults, those not allowed are left out. */
export function endpointHeaders(own: Readonly<Record<string, string>>, userAgent: string): FlatHeaders {
  const allowed = Object.entries(own).filter(([name, value]) => isEndpointHeader(name, value));
  const given = new Set(allowed.map(([name]) => name.toLowerCase()));
  const defaults = [
    ['content-type', 'application/json'],
    ['user-agent', userAgent],
  ].filter(([name]) => !given.has(name ?? ''));
  return [...defaults, ...allowed].flat();
}

/** What makes the headers of one attempt. */
export interface AttemptHeaders {
  readonly eventId: string;
  readonly eventType: string;
  readonly deliveryId: string;
  readonly attempt: number;
  readonly timestampSeconds: number;
  readonly signature: string;
  /** The job that sends this event again. */
  readonly replay?: string | undefined;
  /** Where the attempt stands in a trace, for an endpoint that asked for it. Not signed: Standard Webhooks signs id, time and body. */
  readonly traceparent?: string | undefined;
}

/** The headers that Standard Webhooks asks for, and Waybill's own. */
export function attemptHeaders(of: AttemptHeaders): FlatHeaders {
  return [
    'webhook-id',
    of.eventId,
    'webhook-timestamp',
    String(of.timestampSeconds),
    'webhook-signature',
    of.signature,
    'waybill-event-type',
    of.eventType,
    'waybill-delivery-id',
    of.deliveryId,
    'waybill-attempt',
    String(of.attempt),
    ...(of.replay === undefined ? [] : ['waybill-replay', of.replay]),
    ...(of.traceparent === undefined ? [] : ['traceparent', of.traceparent]),
  ];
}
