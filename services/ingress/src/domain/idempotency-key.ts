import { hash } from 'node:crypto';
import type { Source, TenantId } from '@waybill/contracts';

/** Headers in which providers send what identifies one event, the most specific first. */
const WELL_KNOWN = ['webhook-id', 'x-github-delivery', 'x-shopify-event-id', 'x-shopify-webhook-id', 'idempotency-key'] as const;

type Header = (name: string) => string | undefined;

/** First 128 bits of SHA-256, as 32 hex digits. */
export const hash128 = (content: string | Uint8Array): string => hash('sha256', content, 'hex').slice(0, 32);

/** Hash of a raw body, to tell "the same again" from "another body under the same key". */
export const bodyHashOf = (body: Uint8Array): string => hash128(body);

/** The key under which a provider would send this webhook again; undefined when it says none. */
export function webhookKeyOf(source: Pick<Source, 'idempotencyHeader'>, header: Header): string | undefined {
  const names = source.idempotencyHeader === undefined ? WELL_KNOWN : [source.idempotencyHeader.toLowerCase()];
  for (const name of names) {
    const value = header(name);
    if (value) return value;
  }
  return undefined;
}

// A header value cannot hold NUL, nor can an id: the parts cannot run into each other.
/** Key of a webhook, 128 bits in hex: two tenants, or two sources of one tenant, may use the same key for different events. */
export const webhookKeyHash = (source: Pick<Source, 'id' | 'tenantId'>, key: string): string =>
  hash128(`webhook\0${source.tenantId}\0${source.id}\0${key}`);

/** Key of a delivery of GitHub, 128 bits in hex: `guid` is that of `X-GitHub-Delivery`, the same for all tries. */
export const githubKeyHash = (host: string, guid: string): string => hash128(`github\0${host}\0${guid}`);

/** Key of an event sent through the API, 128 bits in hex, scoped by tenant and route. */
export const eventKeyHash = (tenantId: TenantId, key: string): string => hash128(`events\0${tenantId}\0${key}`);

/** Key of a command to send events again, 128 bits in hex. */
export const replayKeyHash = (key: string): string => hash128(`replays\0${key}`);
