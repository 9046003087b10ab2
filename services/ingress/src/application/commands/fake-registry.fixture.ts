import { type Endpoint, type EndpointId, isWaybillError, type RouteRecord, type Source, type Tenant } from '@waybill/contracts';
import { Residency } from '../residency.ts';
import type { EndpointPorts } from './endpoints.ts';
import { OneAtATime } from './one-at-a-time.ts';
import type { SourcePorts } from './sources.ts';
import { putTenant, type TenantPorts } from './tenants.ts';

export const SECRETS = ['A', 'B', 'C'].map((letter) => `whsec_${letter.repeat(32)}`);

/** The registry of region `us`, of `us` and `eu`, in plain maps, and what the commands are given of it. Has a tenant `acme`. */
export async function fakeRegistry() {
  const clock = { nowMs: Date.UTC(2026, 0, 1) };
  const tenants = new Map<string, Tenant>();
  const endpoints = new Map<string, Endpoint>();
  const sources = new Map<string, Source>();
  const routes = new Map<string, RouteRecord>();
  const regions = ['us', 'eu'];
  const residency = new Residency({ region: 'us', route: (kind, id) => routes.get(`${kind}.${id}`), tenant: (id) => tenants.get(id) });
  const nowMs = (): number => clock.nowMs;
  const tenantHere = (id: string): Tenant | undefined => {
    residency.requireHere('tenant', id);
    return tenants.get(id);
  };
  const tenantPorts: TenantPorts = {
    region: 'us',
    regions,
    residency,
    inTurn: new OneAtATime(),
    find: tenantHere,
    save: async (tenant) => tenants.set(tenant.id, tenant),
    nowMs,
  };
  await putTenant(tenantPorts, 'acme', {});
  return {
    clock,
    tenants,
    endpoints,
    sources,
    tenantPorts,
    endpointPorts: endpointPortsOf({ regions, residency, tenant: tenantHere, nowMs }, endpoints),
    sourcePorts: sourcePortsOf({ residency, tenant: tenantHere, nowMs }, sources),
    /** What the replicated registry says of a strict tenant, or of a source of one. */
    routeTo: (home: string, kind: RouteRecord['kind'], id: string): void => {
      routes.set(`${kind}.${id}`, { kind, id, home, updatedAt: new Date(clock.nowMs).toISOString() });
    },
  };
}

type Common = Pick<EndpointPorts, 'regions' | 'residency' | 'tenant' | 'nowMs'>;

function endpointPortsOf(common: Common, endpoints: Map<string, Endpoint>): EndpointPorts {
  return {
    ...common,
    find: (tenantId, id) => endpoints.get(`${tenantId}.${id}`),
    create: async (endpoint) => endpoints.set(`${endpoint.tenantId}.${endpoint.id}`, endpoint),
    update: async (tenantId, id, change) => {
      const current = endpoints.get(`${tenantId}.${id}`);
      if (current) endpoints.set(`${tenantId}.${id}`, change(current));
    },
    remove: async (tenantId, id) => endpoints.delete(`${tenantId}.${id}`),
    newId: () => 'ep_new' as EndpointId,
    newSecret: () => SECRETS[0] ?? '',
    refuseUrl: (url) => (url.hostname === 'forbidden.test' ? 'this address is forbidden' : undefined),
  };
}

function sourcePortsOf(common: Omit<Common, 'regions'>, sources: Map<string, Source>): SourcePorts {
  return {
    ...common,
    inTurn: new OneAtATime(),
    find: (id) => {
      common.residency.requireHere('source', id);
      return sources.get(id);
    },
    create: async (source) => sources.set(source.id, source),
    save: async (source) => sources.set(source.id, source),
    update: async (id, change) => {
      const current = sources.get(id);
      if (current) sources.set(id, change(current));
    },
    remove: async (id) => sources.delete(id),
    allowUnverified: false,
  };
}

/** The code of a refusal, and the fields that it names. Throws when there was none. */
export async function refusal(promise: Promise<unknown>): Promise<{ code: string; paths: string[] }> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isWaybillError(error)) throw new Error('it was accepted, or broke', { cause: error });
  const errors = Array.isArray(error.extra['errors']) ? error.extra['errors'] : [];
  return { code: error.code, paths: errors.map(({ path }: { path: string }) => path) };
}
