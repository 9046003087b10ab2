import { defaultEndpointId, type Endpoint } from '@waybill/contracts';
import { defaultEndpoint, type DefaultTarget } from '../domain/default-endpoint.ts';
import { dispatchEndpoint, isDispatchLane } from '../domain/dispatch/dispatch-endpoint.ts';
import type { EndpointHealthPort, FindEndpoint } from './attempt-ports.ts';

/** Tenants whose stand-in for the region's `webhook_url` is kept; what attempts prepare from one costs more than the entry. */
const MAX_KEPT = 10_000;

/** Looks endpoints up in the registry, and finds the region's own `webhook_url` below the ids that are reserved for those of `regions`. */
export function endpointLookup(registered: FindEndpoint, target: DefaultTarget | undefined, regions: readonly string[]): FindEndpoint {
  if (target === undefined) return registered;
  const reserved = new Map(regions.map((region) => [String(defaultEndpointId(region)), defaultEndpointId(region)]));
  const kept = new Map<string, Endpoint>();
  return (tenantId, endpointId) => {
    const id = reserved.get(endpointId);
    if (id === undefined) return registered(tenantId, endpointId);
    const key = `${tenantId} ${id}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    if (kept.size >= MAX_KEPT) kept.clear();
    const made = defaultEndpoint(target, tenantId, id);
    kept.set(key, made);
    return made;
  };
}

/** As `found`, and finds for each workflow dispatch what stands for its endpoint. */
export const withDispatches =
  (found: FindEndpoint, writesPerSecond: number): FindEndpoint =>
  (tenantId, endpointId) =>
    dispatchEndpoint(tenantId, endpointId, writesPerSecond) ?? found(tenantId, endpointId);

/** Health for endpoints of tenants alone: a region's `webhook_url` and a GitHub owner are nobody's entry, so they are never disabled and nothing is kept about them. */
export function tenantsHealth(health: EndpointHealthPort, regions: readonly string[]): EndpointHealthPort {
  const reserved = new Set<string>(regions.map(defaultEndpointId));
  const isTenants = (endpoint: Endpoint): boolean => !reserved.has(endpoint.id) && !isDispatchLane(endpoint);
  return {
    gone: async (endpoint) => {
      if (isTenants(endpoint)) await health.gone(endpoint);
    },
    succeeded: (endpoint) => {
      if (isTenants(endpoint)) health.succeeded(endpoint);
    },
    failed: (endpoint, circuitOpened) => {
      if (isTenants(endpoint)) health.failed(endpoint, circuitOpened);
    },
  };
}
