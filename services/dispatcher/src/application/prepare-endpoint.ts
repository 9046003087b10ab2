import type { Endpoint, TenantId } from '@waybill/contracts';
import { type RetrySchedule, scheduleOf } from '../domain/retry-schedule.ts';
import { decodeSecret, type SigningKey } from '../domain/standard-webhooks.ts';
import { endpointHeaders, type FlatHeaders } from '../domain/webhook-headers.ts';
import type { OnCutOff, SendResult } from './attempt-ports.ts';

/** Sends one signed request to the endpoint it was made for, unless it is cut off before the answer. Never throws. */
export type Send = (headers: FlatHeaders, body: Uint8Array, onCutOff: OnCutOff) => Promise<SendResult>;

/** An endpoint as attempts need it: secrets decoded, headers and schedule laid out, its sender made. */
export interface PreparedEndpoint {
  readonly endpoint: Endpoint;
  readonly headers: FlatHeaders;
  readonly schedule: RetrySchedule;
  readonly send: Send;
  /** The keys that sign now: the first always, the others until they expire. */
  readonly keysAt: (nowMs: number) => readonly SigningKey[];
}

export interface PreparationOptions {
  readonly userAgent: string;
  readonly schedule: RetrySchedule;
  readonly senderFor: (tenantId: TenantId, url: string) => Send;
}

/** Prepares endpoints, once per revision: the registry holds one object per revision, and who holds it holds what was prepared from it. */
export function endpointPreparation(options: PreparationOptions): (endpoint: Endpoint) => PreparedEndpoint {
  const prepared = new WeakMap<Endpoint, PreparedEndpoint>();
  return (endpoint) => {
    const known = prepared.get(endpoint);
    if (known !== undefined) return known;
    const made = prepare(endpoint, options);
    prepared.set(endpoint, made);
    return made;
  };
}

function prepare(endpoint: Endpoint, { userAgent, schedule, senderFor }: PreparationOptions): PreparedEndpoint {
  const keys = endpoint.secrets.map(({ key, expiresAt }, index) => ({
    key: decodeSecret(key),
    untilMs: index === 0 || expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt),
  }));
  return {
    endpoint,
    headers: endpointHeaders(endpoint.headers ?? {}, userAgent),
    schedule: scheduleOf(endpoint, schedule),
    send: senderFor(endpoint.tenantId, endpoint.url),
    keysAt: (nowMs) => keys.filter(({ untilMs }) => nowMs < untilMs).map(({ key }) => key),
  };
}
