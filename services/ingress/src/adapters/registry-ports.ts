import { randomBytes } from 'node:crypto';
import { newEndpointId } from '@waybill/contracts';
import type { RegistryView, RegistryWriter } from '@waybill/transport';
import type { EndpointPorts } from '../application/commands/endpoints.ts';
import type { SourcePorts } from '../application/commands/sources.ts';
import type { TenantPorts } from '../application/commands/tenants.ts';

const SECRET_BYTES = 32;
const ID_BYTES = 10;

/** A fresh signing secret of Standard Webhooks. */
export const newSigningSecret = (): string => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;

/** Gives the commands on tenants what they need of the registry. */
export const tenantPorts = (view: RegistryView, writer: RegistryWriter, nowMs: () => number): TenantPorts => ({
  find: (id) => view.tenant(id),
  save: (tenant) => writer.put('tenant', [tenant.id], tenant),
  nowMs,
});

/** Gives the commands on endpoints what they need; `refuseUrl` is the deployment's policy on addresses. */
export const endpointPorts = (
  view: RegistryView,
  writer: RegistryWriter,
  nowMs: () => number,
  refuseUrl: EndpointPorts['refuseUrl'],
): EndpointPorts => ({
  tenant: (id) => view.tenant(id),
  find: (tenantId, id) => view.endpoint(tenantId, id),
  create: (endpoint) => writer.create('endpoint', [endpoint.tenantId, endpoint.id], endpoint),
  update: (tenantId, id, change) => writer.update('endpoint', [tenantId, id], change),
  remove: (tenantId, id) => writer.remove('endpoint', [tenantId, id]),
  nowMs,
  newId: (atMs) => newEndpointId(atMs, randomBytes(ID_BYTES)),
  newSecret: newSigningSecret,
  refuseUrl,
});

/** Gives the commands on sources what they need of the registry. */
export const sourcePorts = (view: RegistryView, writer: RegistryWriter, nowMs: () => number, allowUnverified: boolean): SourcePorts => ({
  tenant: (id) => view.tenant(id),
  find: (id) => view.source(id),
  create: (source) => writer.create('source', [source.id], source),
  save: (source) => writer.put('source', [source.id], source),
  update: (id, change) => writer.update('source', [id], change),
  remove: (id) => writer.remove('source', [id]),
  nowMs,
  allowUnverified,
});
