import { type Placement, placementSchema, type TenantId } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { DeliveryPermission, type RegionPermission } from './permission.ts';

const PLACEMENTS = new Map<string, Placement>([
  ['strict', placementSchema.parse({ home: 'us', residency: 'strict' })],
  ['nobody_else', placementSchema.parse({ home: 'us', failover: [] })],
  ['replicated', placementSchema.parse({ home: 'us', failover: ['eu'] })],
]);
const of = (tenantId: string, scope: 'g' | 'l' = 'g') => ({ tenantId: tenantId as TenantId, scope });

class Gate implements RegionPermission {
  open = true;
  readonly #listeners = new Set<() => void>();
  onCut(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
  cut(): void {
    this.open = false;
    for (const listener of this.#listeners) listener();
  }
}

function permission() {
  const region = new Gate();
  return { region, permission: new DeliveryPermission(region, (tenantId) => PLACEMENTS.get(tenantId)) };
}

describe('the permission to deliver', () => {
  it('ends with the region for tenants whom another region may stand in for, known or not', () => {
    const { region, permission: asked } = permission();
    expect(['replicated', 'unknown', 'strict', 'nobody_else'].map((id) => asked.mayDeliver(of(id)))).toEqual([true, true, true, true]);
    region.open = false;
    expect(['replicated', 'unknown', 'strict', 'nobody_else'].map((id) => asked.mayDeliver(of(id)))).toEqual([false, false, true, true]);
  });

  it('stays for facts that never leave the region, whatever is known of the tenant', () => {
    const { region, permission: asked } = permission();
    region.open = false;
    expect(asked.mayDeliver(of('unknown', 'l'))).toBe(true);
  });

  it('ends for workflow dispatches whatever the tenant wants, unless they never leave the region', () => {
    const { region, permission: asked } = permission();
    region.open = false;
    const endpointId = 'github:acme/app/cd.yml';
    expect(asked.mayDeliver({ ...of('nobody_else'), endpointId })).toBe(false);
    expect(asked.mayDeliver({ ...of('nobody_else', 'l'), endpointId })).toBe(true);
  });

  it('cuts what is under way, once, and only for those it ends for', () => {
    const { region, permission: asked } = permission();
    const cut: string[] = [];
    const begin = (id: string) => asked.whileRunning(of(id), () => cut.push(id));
    begin('strict');
    begin('nobody_else');
    begin('replicated');
    const over = begin('unknown');
    over();
    region.cut();
    expect(cut).toEqual(['replicated']);
  });
});
