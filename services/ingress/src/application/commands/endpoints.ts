import { type Endpoint, type EndpointId, endpointSchema, type Tenant, WaybillError } from '@waybill/contracts';
import { parseWith } from '../parse-with.ts';
import type { Residency } from '../residency.ts';
import { endpointBodySchema, endpointPatchSchema, type EndpointView, endpointViewSchema, rotateSecretSchema } from './endpoint-body.ts';
import { mergePatch } from './merge-patch.ts';
import { checkEndpointRegion } from './placement.ts';
import { requireTenant } from './tenants.ts';

/** Secrets that an endpoint keeps while old ones run out. */
const MAX_SECRETS = 10;

export interface EndpointPorts {
  /** All regions of the deployment. */
  readonly regions: readonly string[];
  readonly residency: Residency;
  /** Throws WB_MISDIRECTED for a strict tenant of another region. */
  readonly tenant: (id: string) => Tenant | undefined;
  readonly find: (tenantId: string, id: string) => Endpoint | undefined;
  readonly create: (endpoint: Endpoint) => Promise<unknown>;
  /** Compare-and-set: `change` runs again when somebody else was faster. */
  readonly update: (tenantId: string, id: string, change: (current: Endpoint) => Endpoint) => Promise<unknown>;
  readonly remove: (tenantId: string, id: string) => Promise<unknown>;
  readonly nowMs: () => number;
  readonly newId: (nowMs: number) => EndpointId;
  readonly newSecret: () => string;
  /** Why an endpoint may not have this URL; undefined when it may. */
  readonly refuseUrl: (url: URL) => string | undefined;
}

const instant = (ms: number): string => new Date(ms).toISOString();
/** What may be shown of an endpoint: everything but its secrets. */
export const endpointView = (endpoint: Endpoint): EndpointView => endpointViewSchema.parse(endpoint);
const manualPause = (ports: EndpointPorts): Endpoint['disabled'] => ({ reason: 'manual', at: instant(ports.nowMs()) });

function checkUrl(ports: EndpointPorts, url: string | undefined): void {
  const refusal = url === undefined ? undefined : ports.refuseUrl(new URL(url));
  if (refusal !== undefined) throw new WaybillError('WB_EGRESS_DENIED', refusal);
}

const checkRegion = ({ regions, residency }: EndpointPorts, tenantId: string, region: string | null | undefined): void =>
  checkEndpointRegion(region ?? undefined, regions, residency.homeOf('tenant', tenantId));

/** Finds an endpoint. Throws WB_TENANT_UNKNOWN or WB_ENDPOINT_UNKNOWN. */
export function requireEndpoint(ports: Pick<EndpointPorts, 'tenant' | 'find'>, tenantId: string, id: string): Endpoint {
  requireTenant(ports.tenant, tenantId);
  const endpoint = ports.find(tenantId, id);
  if (endpoint === undefined) throw new WaybillError('WB_ENDPOINT_UNKNOWN', `tenant ${tenantId} has no endpoint ${id}`);
  return endpoint;
}

/** Creates an endpoint with its first signing secret. Throws WB_CONFLICT when the id is taken, WB_EGRESS_DENIED for a refused URL. */
export async function createEndpoint(ports: EndpointPorts, tenantId: string, body: unknown): Promise<EndpointView> {
  const tenant = requireTenant(ports.tenant, tenantId);
  const { id, secret, disabled, ...wanted } = parseWith(endpointBodySchema, body);
  checkUrl(ports, wanted.url);
  checkRegion(ports, tenantId, wanted.region);
  if (id !== undefined && ports.find(tenantId, id) !== undefined)
    throw new WaybillError('WB_CONFLICT', `tenant ${tenantId} has an endpoint ${id} already`);
  const nowMs = ports.nowMs();
  const endpoint = endpointSchema.parse({
    ...wanted,
    id: id ?? ports.newId(nowMs),
    tenantId: tenant.id,
    disabled: disabled === true ? manualPause(ports) : undefined,
    secrets: [{ key: secret ?? ports.newSecret() }],
    createdAt: instant(nowMs),
    updatedAt: instant(nowMs),
  });
  await ports.create(endpoint);
  return endpointView(endpoint);
}

async function change(ports: EndpointPorts, { tenantId, id }: Endpoint, next: (current: Endpoint) => object): Promise<Endpoint> {
  await ports.update(tenantId, id, (current) => endpointSchema.parse({ ...next(current), updatedAt: instant(ports.nowMs()) }));
  return requireEndpoint(ports, tenantId, id);
}

/** Changes the fields that are given. `disabled: false` takes the endpoint up again, whoever had disabled it. */
export async function patchEndpoint(ports: EndpointPorts, tenantId: string, id: string, body: unknown): Promise<EndpointView> {
  const endpoint = requireEndpoint(ports, tenantId, id);
  const { disabled, ...patch } = parseWith(endpointPatchSchema, body);
  checkUrl(ports, patch.url);
  checkRegion(ports, tenantId, patch.region);
  const pause = disabled === undefined ? {} : { disabled: disabled ? manualPause(ports) : null };
  return endpointView(await change(ports, endpoint, (current) => mergePatch(current, { ...patch, ...pause })));
}

/** Disables an endpoint; one that is disabled by hand already stays as it is. */
export async function pauseEndpoint(ports: EndpointPorts, tenantId: string, id: string): Promise<EndpointView> {
  const endpoint = requireEndpoint(ports, tenantId, id);
  return endpointView(endpoint.disabled?.reason === 'manual' ? endpoint : await disable(ports, endpoint, manualPause(ports)));
}

/** Takes an endpoint up again, whoever had disabled it; one that is not disabled stays as it is. */
export async function resumeEndpoint(ports: EndpointPorts, tenantId: string, id: string): Promise<EndpointView> {
  const endpoint = requireEndpoint(ports, tenantId, id);
  return endpointView(endpoint.disabled === undefined ? endpoint : await disable(ports, endpoint, undefined));
}

const disable = (ports: EndpointPorts, endpoint: Endpoint, disabled: Endpoint['disabled']): Promise<Endpoint> =>
  change(ports, endpoint, (current) => ({ ...current, disabled }));

/** Removes an endpoint; what is still owed to it ends as a dead letter. */
export async function deleteEndpoint(ports: EndpointPorts, tenantId: string, id: string): Promise<void> {
  requireEndpoint(ports, tenantId, id);
  await ports.remove(tenantId, id);
}

/** The secret that signs now. */
export const secretOf = (endpoint: Endpoint): { key: string } => ({ key: endpoint.secrets[0]?.key ?? '' });

/** Puts a new secret in front; the one before it signs too until the overlap is over. */
export async function rotateSecret(ports: EndpointPorts, tenantId: string, id: string, body: unknown): Promise<{ key: string }> {
  const endpoint = requireEndpoint(ports, tenantId, id);
  const { secret, overlapSeconds } = parseWith(rotateSecretSchema, body);
  const key = secret ?? ports.newSecret();
  const nowMs = ports.nowMs();
  const expiresAt = instant(nowMs + overlapSeconds * 1000);
  await change(ports, endpoint, (current) => {
    const others = current.secrets.filter((old) => old.key !== key).map((old) => ({ ...old, expiresAt: old.expiresAt ?? expiresAt }));
    const alive = others.filter((old) => Date.parse(old.expiresAt) > nowMs);
    return { ...current, secrets: [{ key }, ...alive].slice(0, MAX_SECRETS) };
  });
  return { key };
}
