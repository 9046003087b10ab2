import { defaultEndpointId, type Endpoint } from '@waybill/contracts';
import { defaultEndpoint, type DefaultTarget } from '../domain/default-endpoint.ts';
import type { EndpointHealthPort, FindEndpoint } from './attempt-ports.ts';

/** Tenants whose stand-in for the region's `webhook_url` is kept; what attempts prepare from one costs more than the entry. */
const MAX_KEPT = 10_000;

/** Looks endpoints up in the registry, and finds the region's own `webhook_url` below its reserved id. */
export function endpointLookup(registered: FindEndpoint, target: DefaultTarget | undefined): FindEndpoint {
  if (target === undefined) return registered;
  const reserved = defaultEndpointId(target.region);
  const kept = new Map<string, Endpoint>();
  return (tenantId, endpointId) => {
    if (endpointId !== reserved) return registered(tenantId, endpointId);
    const known = kept.get(tenantId);
    if (known !== undefined) return known;
    if (kept.size >= MAX_KEPT) kept.clear();
    const made = defaultEndpoint(target, tenantId);
    kept.set(tenantId, made);
    return made;
  };
}

/** Health for endpoints of tenants alone: a region's `webhook_url` is nobody's entry, so it is never disabled and nothing is kept about it. */
export function tenantsHealth(health: EndpointHealthPort, region: string): EndpointHealthPort {
  const reserved = defaultEndpointId(region);
  return {
    gone: async (endpoint) => {
      if (endpoint.id !== reserved) await health.gone(endpoint);
    },
    succeeded: (endpoint) => {
      if (endpoint.id !== reserved) health.succeeded(endpoint);
    },
    failed: (endpoint, circuitOpened) => {
      if (endpoint.id !== reserved) health.failed(endpoint, circuitOpened);
    },
  };
}
