import { type Endpoint, endpointSchema, parseRegistryKey, type Tenant, tenantSchema } from '@waybill/contracts';
import type { Position } from './fact.ts';
import type { EndpointRow, ProblemRow, TenantRow } from './rows.ts';

/** One entry of the registry bucket. An empty `body` with `removed` means that the key was deleted. */
export interface RegistryEntry extends Position {
  readonly key: string;
  readonly body: Uint8Array;
  readonly removed: boolean;
}

/** What a run of registry entries changes: the newest form of each tenant and endpoint. */
export interface RegistryChanges {
  readonly tenants: readonly TenantRow[];
  readonly endpoints: readonly EndpointRow[];
  readonly removedTenants: readonly string[];
  readonly removedEndpoints: readonly string[];
  readonly problems: readonly ProblemRow[];
}

const decoder = new TextDecoder();

/** Reads registry entries in their order; the last entry of a key wins. Secrets and request headers are left behind. Never throws. */
export function registryChanges(entries: readonly RegistryEntry[]): RegistryChanges {
  const tenants = new Map<string, TenantRow | undefined>();
  const endpoints = new Map<string, EndpointRow | undefined>();
  const problems: ProblemRow[] = [];
  for (const entry of entries) {
    const key = parseRegistryKey(entry.key);
    const id = key?.path.at(-1);
    if (key === undefined || id === undefined) continue;
    try {
      if (key.kind === 'tenant')
        tenants.set(
          id,
          read(entry, (value) => tenantRow(tenantSchema.parse(value), key.region)),
        );
      if (key.kind === 'endpoint')
        endpoints.set(
          id,
          read(entry, (value) => endpointRow(endpointSchema.parse(value), key.region)),
        );
    } catch (error) {
      problems.push(problemOf(entry, error));
    }
  }
  return { ...kept(tenants, endpoints), removedTenants: gone(tenants), removedEndpoints: gone(endpoints), problems };
}

function read<Row>(entry: RegistryEntry, parse: (value: unknown) => Row): Row | undefined {
  return entry.removed ? undefined : parse(JSON.parse(decoder.decode(entry.body)));
}

const kept = (tenants: Map<string, TenantRow | undefined>, endpoints: Map<string, EndpointRow | undefined>) => ({
  tenants: [...tenants.values()].filter((row) => row !== undefined),
  endpoints: [...endpoints.values()].filter((row) => row !== undefined),
});
const gone = (rows: Map<string, unknown>): string[] => [...rows].filter(([, row]) => row === undefined).map(([id]) => id);

/** The values are left out of the reason: a schema error may quote a secret. */
const problemOf = (entry: RegistryEntry, error: unknown): ProblemRow => ({
  stream: entry.stream,
  seq: entry.seq,
  at: entry.atMs,
  subject: entry.key,
  reason: `not a registry record: ${error instanceof Error ? error.name : 'unreadable'}`,
});

const tenantRow = (tenant: Tenant, region: string): TenantRow => ({
  id: tenant.id,
  name: tenant.name ?? null,
  region,
  created_at: Date.parse(tenant.createdAt),
  updated_at: Date.parse(tenant.updatedAt),
});

const endpointRow = (endpoint: Endpoint, region: string): EndpointRow => ({
  id: endpoint.id,
  tenant_id: endpoint.tenantId,
  url: withoutCredentials(endpoint.url),
  event_types: JSON.stringify(endpoint.eventTypes),
  region: endpoint.region ?? region,
  disabled_reason: endpoint.disabled?.reason ?? null,
  disabled_at: endpoint.disabled === undefined ? null : Date.parse(endpoint.disabled.at),
  created_at: Date.parse(endpoint.createdAt),
  updated_at: Date.parse(endpoint.updatedAt),
});

/** `https://user:password@host/` becomes `https://host/`. */
const withoutCredentials = (url: string): string => url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
