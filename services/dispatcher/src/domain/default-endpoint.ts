import { createHmac } from 'node:crypto';
import { defaultEndpointId, type Endpoint, endpointSchema, type TenantId } from '@waybill/contracts';

/** A region's `webhook_url`, and the key that its signing secret is derived from. */
export interface DefaultTarget {
  readonly region: string;
  readonly url: string;
  /** The credential that the region is declared with. */
  readonly regionKey: string;
}

/** Nobody changes it: it is as old as time. */
const NEVER_CHANGED = new Date(0).toISOString();

/**
 * The signing secret of a region's `webhook_url`: `whsec_` and base64 of HMAC-SHA256(region key, `waybill webhook_url <region id>`). Whoever holds the
 * key can derive it, so the receiver is told once and nothing has to be stored.
 */
export function defaultEndpointSecret({ region, regionKey }: Omit<DefaultTarget, 'url'>): string {
  return `whsec_${createHmac('sha256', regionKey).update(`waybill webhook_url ${region}`).digest('base64')}`;
}

/**
 * The endpoint that stands for a region's `webhook_url`, as one of this tenant: always enabled, without limits. `id` is that of the delivery: a region
 * that stands in for another sends to its own address what was planned for the other's.
 */
export function defaultEndpoint(target: DefaultTarget, tenantId: TenantId, id = defaultEndpointId(target.region)): Endpoint {
  return endpointSchema.parse({
    id,
    tenantId,
    url: target.url,
    secrets: [{ key: defaultEndpointSecret(target) }],
    createdAt: NEVER_CHANGED,
    updatedAt: NEVER_CHANGED,
  });
}
