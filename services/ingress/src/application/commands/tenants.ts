import { type Tenant, tenantIdSchema, tenantSchema, WaybillError } from '@waybill/contracts';
import { z } from 'zod';
import { parseWith } from '../parse-with.ts';

/** The body of `PUT /v1/tenants/{tenantId}`. */
export const tenantBodySchema = z.strictObject(tenantSchema.pick({ name: true, placement: true }).shape).meta({ id: 'TenantBody' });

const pathSchema = z.strictObject({ tenantId: tenantIdSchema });

export interface TenantPorts {
  readonly find: (id: string) => Tenant | undefined;
  readonly save: (tenant: Tenant) => Promise<unknown>;
  readonly nowMs: () => number;
}

/** Finds a tenant. Throws WB_TENANT_UNKNOWN. */
export function requireTenant(find: TenantPorts['find'], id: string): Tenant {
  const tenant = find(id);
  if (tenant === undefined) throw new WaybillError('WB_TENANT_UNKNOWN', `there is no tenant ${id}`);
  return tenant;
}

/** Creates a tenant or replaces what is known of it; when it was created does not change. */
export async function putTenant(ports: TenantPorts, tenantId: string, body: unknown): Promise<{ tenant: Tenant; created: boolean }> {
  parseWith(pathSchema, { tenantId });
  const wanted = parseWith(tenantBodySchema, body);
  const current = ports.find(tenantId);
  const now = new Date(ports.nowMs()).toISOString();
  const tenant = tenantSchema.parse({ ...wanted, id: tenantId, createdAt: current?.createdAt ?? now, updatedAt: now });
  await ports.save(tenant);
  return { tenant, created: current === undefined };
}
