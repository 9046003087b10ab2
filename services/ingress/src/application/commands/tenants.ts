import { isStrict, placementSchema, type Tenant, tenantIdSchema, tenantSchema, WaybillError } from '@waybill/contracts';
import { z } from 'zod';
import { parseWith } from '../parse-with.ts';
import { misdirected, type Residency } from '../residency.ts';
import type { OneAtATime } from './one-at-a-time.ts';
import { checkPlacement, checkPlacementStays } from './placement.ts';

/** The body of `PUT /v1/tenants/{tenantId}`. A placement is read strictly here; only what was stored long ago is forgiven. */
export const tenantBodySchema = z
  .strictObject({ name: tenantSchema.shape.name, placement: placementSchema.optional() })
  .meta({ id: 'TenantBody' });

const pathSchema = z.strictObject({ tenantId: tenantIdSchema });

export interface TenantPorts {
  readonly region: string;
  /** All regions of the deployment. */
  readonly regions: readonly string[];
  readonly residency: Residency;
  /** Throws WB_MISDIRECTED for a strict tenant of another region. */
  readonly find: (id: string) => Tenant | undefined;
  readonly save: (tenant: Tenant) => Promise<unknown>;
  readonly inTurn: OneAtATime;
  readonly nowMs: () => number;
}

/** Finds a tenant. Throws WB_TENANT_UNKNOWN. */
export function requireTenant(find: TenantPorts['find'], id: string): Tenant {
  const tenant = find(id);
  if (tenant === undefined) throw new WaybillError('WB_TENANT_UNKNOWN', `there is no tenant ${id}`);
  return tenant;
}

/**
 * Creates a tenant or replaces what is known of it; when it was created does not change. Throws WB_PLACEMENT_FIXED, and WB_MISDIRECTED for a
 * strict tenant that is or would be of another region; nothing is stored then.
 */
export function putTenant(ports: TenantPorts, tenantId: string, body: unknown): Promise<{ tenant: Tenant; created: boolean }> {
  return ports.inTurn.run(tenantId, async () => {
    parseWith(pathSchema, { tenantId });
    const current = ports.find(tenantId);
    const wanted = parseWith(tenantBodySchema, body);
    const { placement } = wanted;
    checkPlacement(placement, ports.regions);
    if (current !== undefined) checkPlacementStays(tenantId, ports.residency.homeOf('tenant', tenantId), placement);
    const home = isStrict(placement) ? placement?.home : undefined;
    if (home !== undefined && home !== ports.region) throw misdirected('tenant', tenantId, home);
    const now = new Date(ports.nowMs()).toISOString();
    const tenant = tenantSchema.parse({ ...wanted, id: tenantId, createdAt: current?.createdAt ?? now, updatedAt: now });
    await ports.save(tenant);
    return { tenant, created: current === undefined };
  });
}
