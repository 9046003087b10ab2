import { randomBytes } from 'node:crypto';
import { newEndpointId, type RouteRecord, type Source, type Tenant } from '@waybill/contracts';
import type { RegistryView, RegistryWriter } from '@waybill/transport';
import type { EndpointPorts } from '../application/commands/endpoints.ts';
import { OneAtATime } from '../application/commands/one-at-a-time.ts';
import type { PausePorts } from '../application/commands/pauses.ts';
import type { SourcePorts } from '../application/commands/sources.ts';
import type { TenantPorts } from '../application/commands/tenants.ts';
import type { Residency } from '../application/residency.ts';

const SECRET_BYTES = 32;
const ID_BYTES = 10;

/** The registry as the commands of one region use it. */
export interface RegistryAccess {
  readonly view: Pick<RegistryView, 'tenant' | 'source' | 'endpoint' | 'route' | 'pauses'>;
  readonly writer: Pick<RegistryWriter, 'create' | 'put' | 'update' | 'remove'>;
  readonly residency: Residency;
  readonly region: string;
  /** All regions of the deployment. */
  readonly regions: readonly string[];
  readonly nowMs: () => number;
}

/** A fresh signing secret of Standard Webhooks. */
export const newSigningSecret = (): string => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;

/** Finds a tenant that may be here. Throws WB_MISDIRECTED for one that lives elsewhere. */
export const tenantHere =
  ({ view, residency }: RegistryAccess) =>
  (id: string): Tenant | undefined => {
    residency.requireHere('tenant', id);
    return view.tenant(id);
  };

/** Finds a source that may be here. Throws WB_MISDIRECTED for one that lives elsewhere. */
export const sourceHere =
  ({ view, residency }: RegistryAccess) =>
  (id: string): Source | undefined => {
    residency.requireHere('source', id);
    return view.source(id);
  };

/**
 * Writes the route of what is kept in this region before `store` writes it, so that another region cannot take its id for a free one in between.
 * Of what is not kept here a route may be left from an attempt that ended half-way: it is removed afterwards.
 */
async function storeRouted(
  access: RegistryAccess,
  route: Pick<RouteRecord, 'kind' | 'id'>,
  isKept: boolean,
  store: () => Promise<unknown>,
) {
  const { view, writer, region: home, nowMs } = access;
  const path = [route.kind, route.id];
  const present = view.route(route.kind, route.id);
  if (isKept && present?.home !== home)
    await writer.put('route', path, { ...route, home, updatedAt: new Date(nowMs()).toISOString() }, { scope: 'g' });
  await store();
  if (!isKept && present !== undefined) await writer.remove('route', path);
}

/** Gives the commands on tenants what they need of the registry. */
export function tenantPorts(access: RegistryAccess): TenantPorts {
  const { writer, residency, region, regions, nowMs } = access;
  return {
    region,
    regions,
    residency,
    find: tenantHere(access),
    save: (tenant) => {
      const isKept = tenant.placement?.residency === 'strict';
      const store = (): Promise<unknown> => writer.put('tenant', [tenant.id], tenant, { scope: isKept ? 'l' : 'g' });
      return storeRouted(access, { kind: 'tenant', id: tenant.id }, isKept, store);
    },
    inTurn: new OneAtATime(),
    nowMs,
  };
}

/** Gives the commands on endpoints what they need; `refuseUrl` is the deployment's policy on addresses. */
export function endpointPorts(access: RegistryAccess, refuseUrl: EndpointPorts['refuseUrl']): EndpointPorts {
  const { view, writer, residency, regions, nowMs } = access;
  return {
    regions,
    residency,
    tenant: tenantHere(access),
    find: (tenantId, id) => view.endpoint(tenantId, id),
    create: (endpoint) => {
      const { tenantId, id } = endpoint;
      return writer.create('endpoint', [tenantId, id], endpoint, { scope: residency.scopeOf(tenantId) });
    },
    update: (tenantId, id, change) => writer.update('endpoint', [tenantId, id], change),
    remove: (tenantId, id) => writer.remove('endpoint', [tenantId, id]),
    nowMs,
    newId: (atMs) => newEndpointId(atMs, randomBytes(ID_BYTES)),
    newSecret: newSigningSecret,
    refuseUrl,
  };
}

/** Gives the commands on pauses what they need; every region gets a copy of each. */
export function pausePorts({ view, writer, regions, nowMs }: RegistryAccess): PausePorts {
  return {
    regions,
    find: (id) => view.pauses().find((pause) => pause.id === id),
    save: (pause) => writer.put('pause', [pause.id], pause),
    remove: (id) => writer.remove('pause', [id]),
    inTurn: new OneAtATime(),
    nowMs,
  };
}

/** Gives the commands on sources what they need of the registry. */
export function sourcePorts(access: RegistryAccess, allowUnverified: boolean): SourcePorts {
  const { view, writer, residency, nowMs } = access;
  const write = (how: 'create' | 'put', source: Source): Promise<void> => {
    const scope = residency.scopeOf(source.tenantId);
    const store = (): Promise<unknown> => writer[how]('source', [source.id], source, { scope });
    return storeRouted(access, { kind: 'source', id: source.id }, scope === 'l', store);
  };
  return {
    residency,
    tenant: tenantHere(access),
    find: sourceHere(access),
    create: (source) => write('create', source),
    save: (source) => write('put', source),
    update: (id, change) => writer.update('source', [id], change),
    remove: async (id) => {
      await writer.remove('source', [id]);
      if (view.route('source', id) !== undefined) await writer.remove('route', ['source', id]);
    },
    inTurn: new OneAtATime(),
    nowMs,
    allowUnverified,
  };
}
