import { mayFailOver, type Placement, type Scope, type TenantId } from '@waybill/contracts';
import { DISPATCH_PLACEMENT, isDispatch } from '../domain/dispatch/dispatch-endpoint.ts';

/** Whether a region may deliver now for tenants whom another region may stand in for: what its state and its lease say. */
export interface RegionPermission {
  readonly open: boolean;
  /** Calls `listener` at the moment from which on nothing may be under way any more. Returns how to stop. */
  onCut(listener: () => void): () => void;
}

/** The permission of a region without peers. */
export const ALWAYS_OPEN: RegionPermission = { open: true, onCut: () => () => undefined };

/** Whose delivery it is. */
export interface Delivered {
  readonly tenantId: TenantId;
  readonly scope: Scope;
  readonly endpointId?: string | undefined;
}

/** Who may be delivered for now. Strict tenants, and those for whom nobody stands in, always: no other region could send the same. */
export class DeliveryPermission {
  readonly #region: RegionPermission;
  readonly #placementOf: (tenantId: TenantId) => Placement | undefined;
  readonly #running = new Set<() => void>();

  constructor(region: RegionPermission, placementOf: (tenantId: TenantId) => Placement | undefined) {
    this.#region = region;
    this.#placementOf = placementOf;
    region.onCut(() => {
      for (const cut of this.#running) cut();
    });
  }

  /** To be asked right before an attempt, with nothing awaited in between. */
  mayDeliver(delivered: Delivered): boolean {
    return this.#region.open || this.mayAlways(delivered);
  }

  /** Calls `cut` when the permission ends while the attempt is under way. Returns how to stop, to be called when it is over. */
  whileRunning(delivered: Delivered, cut: () => void): () => void {
    if (this.mayAlways(delivered)) return () => undefined;
    this.#running.add(cut);
    return () => void this.#running.delete(cut);
  }

  /**
   * Whether nobody stands in for this tenant, so that no state of the region forbids it. For a workflow dispatch somebody does: the owner of the target
   * decides where it goes, not the tenant.
   */
  mayAlways({ tenantId, scope, endpointId = '' }: Delivered): boolean {
    return scope === 'l' || !mayFailOver(isDispatch(endpointId) ? DISPATCH_PLACEMENT : this.#placementOf(tenantId));
  }
}
