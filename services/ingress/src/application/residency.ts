import { isStrict, type RouteRecord, type Scope, type Tenant, WaybillError } from '@waybill/contracts';

export interface ResidencyPorts {
  /** This region. */
  readonly region: string;
  /** What the replicated registry says of a strict tenant, or of a source of one. */
  readonly route: (kind: RouteRecord['kind'], id: string) => RouteRecord | undefined;
  readonly tenant: (id: string) => Tenant | undefined;
}

/** The refusal of what belongs into another region. The HTTP side adds the address to go to. */
export const misdirected = (kind: RouteRecord['kind'], id: string, home: string): WaybillError =>
  new WaybillError('WB_MISDIRECTED', `${kind} ${id} lives in ${home} and nowhere else`, { extra: { region: home } });

/**
 * Knows which tenants may not leave their home, and where that is. A route counts for more than the tenant's record: while regions are cut off from
 * each other, one may take a tenant for a replicated one that is strict in another.
 */
export class Residency {
  readonly #ports: ResidencyPorts;

  constructor(ports: ResidencyPorts) {
    this.#ports = ports;
  }

  /** The only region of a strict tenant, or of a source of one; undefined for all others. */
  homeOf(kind: RouteRecord['kind'], id: string): string | undefined {
    const routed = this.#ports.route(kind, id)?.home;
    if (routed !== undefined || kind === 'source') return routed;
    const placement = this.#ports.tenant(id)?.placement;
    return isStrict(placement) ? placement?.home : undefined;
  }

  /** Throws WB_MISDIRECTED when it lives in another region. */
  requireHere(kind: RouteRecord['kind'], id: string): void {
    const home = this.homeOf(kind, id);
    if (home !== undefined && home !== this.#ports.region) throw misdirected(kind, id, home);
  }

  /** How far what belongs to a tenant may go: `l` keeps it in this region. Throws WB_MISDIRECTED when it may not even be here. */
  scopeOf(tenantId: string): Scope {
    this.requireHere('tenant', tenantId);
    return this.homeOf('tenant', tenantId) === undefined ? 'g' : 'l';
  }
}
