import { randomBytes } from 'node:crypto';
import type { CallApi } from './admin-api.ts';

/** Who sends and who receives in a run. */
export interface Wiring {
  readonly tenant: string;
  readonly source: string;
  readonly secret: string;
  readonly endpoints: number;
  readonly fanOut: number;
  /** Ids of the endpoints, by their number. */
  readonly endpointIds: readonly string[];
}

export interface WiringWishes {
  readonly tenant: string;
  readonly endpoints: number;
  /** Endpoints that each event goes to; at most `endpoints`. */
  readonly fanOut: number;
  /** Endpoint number n is at `${receiverUrl}/e/${n}`. */
  readonly receiverUrl: string;
  /** Where the tenant's events are delivered; absent: where they are accepted. */
  readonly home?: string | undefined;
}

/**
 * Numbers of the endpoints that events of type number `type` are owed to: `fanOut` in a row, starting at its own number. There are as many
 * types as endpoints, so that each endpoint gets the same share.
 */
export function owedTo(type: number, { endpoints, fanOut }: Pick<Wiring, 'endpoints' | 'fanOut'>): number[] {
  return Array.from({ length: fanOut }, (_, offset) => (type + offset) % endpoints);
}

/** Numbers of the event types that endpoint number `endpoint` subscribes to: the inverse of `owedTo`. */
export function subscribedTypes(endpoint: number, { endpoints, fanOut }: Pick<Wiring, 'endpoints' | 'fanOut'>): number[] {
  return Array.from({ length: fanOut }, (_, offset) => (endpoint - offset + endpoints) % endpoints);
}

/** Sets up a tenant, its endpoints and a source signed by Standard Webhooks. */
export async function setUpWiring(call: CallApi, wishes: WiringWishes): Promise<Wiring> {
  const { tenant, endpoints, receiverUrl, home } = wishes;
  const source = `${tenant}-source`;
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  await call('PUT', `/v1/tenants/${tenant}`, { name: tenant, ...(home === undefined ? {} : { placement: { home } }) });
  const endpointIds = Array.from({ length: endpoints }, (_, n) => `${tenant}-${n}`);
  for (const [n, id] of endpointIds.entries()) {
    const eventTypes = subscribedTypes(n, wishes).map((type) => `bench.t${type}`);
    await call('POST', `/v1/tenants/${tenant}/endpoints`, { id, url: `${receiverUrl}/e/${n}`, eventTypes });
  }
  await call('POST', '/v1/sources', { id: source, tenantId: tenant, verification: { kind: 'standard-webhooks', secret } });
  return { tenant, source, secret, endpoints, fanOut: wishes.fanOut, endpointIds };
}
