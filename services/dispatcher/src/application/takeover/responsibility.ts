import { defaultEndpointId, type RoutingView, standInOf } from '@waybill/contracts';
import { DISPATCH_PLACEMENT, isDispatch } from '../../domain/dispatch/dispatch-endpoint.ts';
import type { OpenDelivery } from '../../domain/takeover/open-deliveries.ts';
import type { TakeoverRegistry } from './takeover-ports.ts';

export interface ResponsibilityPorts {
  /** This region. */
  readonly region: string;
  /** The region that cannot deliver. */
  readonly of: string;
  readonly routing: () => RoutingView;
  readonly registry: TakeoverRegistry;
}

/** What the registry is asked for. */
export type Needed = Pick<OpenDelivery, 'tenantId' | 'endpointId' | 'planner' | 'registryRevision'>;

/** Whose delivery it is. */
export type Owed = Pick<OpenDelivery, 'tenantId' | 'endpointId'>;

/** What is to become of deliveries that another region owes. */
export interface Divided {
  /** This region's to take. */
  readonly mine: readonly OpenDelivery[];
  /** The registry lacks what it takes to deliver them; it may still arrive. */
  readonly unready: readonly OpenDelivery[];
  /** Left to another region, or to its own, as its tenant wants and the regions' states say. */
  readonly left: readonly OpenDelivery[];
  /** To be delivered by its own region alone. */
  readonly kept: readonly OpenDelivery[];
}

/** The region may be gone with registry entries that never got here: so long they are waited for, once for each region that made plans. */
const REGISTRY_BUDGET_MS = 2_000;

/** Decides which of another region's deliveries this one has to take over now. */
export class Responsibility {
  readonly #ports: ResponsibilityPorts;
  readonly #waitedFor = new Set<string>();

  constructor(ports: ResponsibilityPorts) {
    this.#ports = ports;
  }

  /** Whether the registry here has all that it takes to deliver this; what is neither known nor deleted has not arrived. */
  async isReady({ tenantId, endpointId, planner, registryRevision }: Needed): Promise<boolean> {
    const { registry } = this.#ports;
    return registry.isKnown(tenantId, endpointId) || registry.atLeast(planner, registryRevision, 0);
  }

  /** Whether this region stands in for the delivery's tenant, or for the GitHub owner that it goes to. */
  standsInFor({ tenantId, endpointId }: Owed): boolean {
    const { region, of, routing, registry } = this.#ports;
    const placement = isDispatch(endpointId) ? DISPATCH_PLACEMENT : registry.placementOf(tenantId);
    // Which region stands in does not depend on what sticks together.
    return standInOf(routing(), { wanted: of, placement, stickTo: '' }) === region;
  }

  async divide(open: readonly OpenDelivery[]): Promise<Divided> {
    await this.#awaitRegistry(open);
    const divided: Record<keyof Divided, OpenDelivery[]> = { mine: [], unready: [], left: [], kept: [] };
    for (const delivery of open) divided[await this.#judge(delivery)].push(delivery);
    return divided;
  }

  async #judge(open: OpenDelivery): Promise<keyof Divided> {
    const { registry, routing } = this.#ports;
    // A region's own `webhook_url` is sent to from there alone: only there is its key known.
    const isDefault = routing().order.some((region) => defaultEndpointId(region) === open.endpointId);
    if (isDefault && !registry.isKnown(open.tenantId, open.endpointId)) return 'kept';
    // Without the endpoint, what its tenant wants may not be known either.
    if (!(await this.isReady(open))) return 'unready';
    return this.standsInFor(open) ? 'mine' : 'left';
  }

  async #awaitRegistry(open: readonly OpenDelivery[]): Promise<void> {
    for (const [planner, planned] of Map.groupBy(open, (delivery) => delivery.planner)) {
      if (this.#waitedFor.has(planner)) continue;
      const revision = Math.max(...planned.map(({ registryRevision }) => registryRevision));
      if (!(await this.#ports.registry.atLeast(planner, revision, REGISTRY_BUDGET_MS))) this.#waitedFor.add(planner);
    }
  }
}
