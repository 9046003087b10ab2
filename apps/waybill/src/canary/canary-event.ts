import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** What the canary sets up for itself; the names say in every list whose events these are. */
export const CANARY = { tenant: 'waybill-canary', source: 'waybill-canary', endpoint: 'waybill-canary', eventType: 'canary.sent' } as const;

const SECRET_BYTES = 24;
/** As long as a signed request counts, at the ingress too. */
const TOLERANCE_SECONDS = 300;

/** One request, ready to be sent. */
export interface SignedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The secret of the canary's own source, derived from the admin key: a canary that starts again knows it, several agree on it, and nothing has to be stored. Another
 * admin key gives another secret.
 */
export function sourceSecretOf(adminKey: string): string {
  return `whsec_${Buffer.from(hkdfSync('sha256', adminKey, '', `source ${CANARY.source}`, SECRET_BYTES)).toString('base64')}`;
}

const keyOf = (secret: string): KeyObject => createSecretKey(secret.replace(/^whsec_/, ''), 'base64');
const signatureOf = (key: KeyObject, content: string): string => `v1,${createHmac('sha256', key).update(content).digest('base64')}`;

/** An event as a producer sends it, signed as Standard Webhooks says. `id` is the canary's own, and comes back in the payload. */
export function canaryRequest(secret: string, { id, region, nowMs }: { id: string; region: string; nowMs: number }): SignedRequest {
  const body = JSON.stringify({ type: CANARY.eventType, data: { id, region } });
  const seconds = String(Math.floor(nowMs / 1_000));
  return {
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': seconds,
      'webhook-signature': signatureOf(keyOf(secret), `${id}.${seconds}.${body}`),
    },
    body,
  };
}

/** A delivery as it arrived. `header` takes a lower-case name. */
export interface Arrival {
  readonly header: (name: string) => string;
  readonly body: string;
  readonly nowMs: number;
}

const arrivedSchema = z.object({ data: z.object({ id: z.string() }) });

/** The id of the canary's event in a delivery; undefined when its signature is not ours, is older than five minutes, or it carries none. */
export function arrivedId(secret: string, { header, body, nowMs }: Arrival): string | undefined {
  const seconds = header('webhook-timestamp');
  if (!/^\d{1,11}$/.test(seconds) || Math.abs(nowMs / 1_000 - Number(seconds)) > TOLERANCE_SECONDS) return undefined;
  const expected = Buffer.from(signatureOf(keyOf(secret), `${header('webhook-id')}.${seconds}.${body}`));
  const given = header('webhook-signature')
    .split(' ')
    .map((one) => Buffer.from(one));
  if (!given.some((one) => one.length === expected.length && timingSafeEqual(one, expected))) return undefined;
  return arrivedSchema.safeParse(parsed(body)).data?.data.id;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
