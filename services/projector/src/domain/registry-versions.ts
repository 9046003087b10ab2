import {
  type Endpoint,
  endpointSchema,
  parseRegistryKey,
  type RegistryKey,
  removedSchema,
  type Tenant,
  tenantSchema,
} from '@waybill/contracts';
import type { Position } from './fact.ts';
import { order } from './plans.ts';
import type { EndpointRow, ProblemRow, RecordStamp, TenantRow } from './rows.ts';

/** One entry of the registry bucket. An empty `body` with `removed` means that the key was deleted, as was done before tombstones. */
export interface RegistryEntry extends Position {
  readonly key: string;
  readonly body: Uint8Array;
  readonly removed: boolean;
}

/** What one key says of a record; no row: it was removed. */
export interface Version<Row> extends RecordStamp {
  readonly row: Row | undefined;
}

/** The newest of what a run of entries says of each tenant and endpoint, by id. */
export interface RegistryVersions {
  readonly tenants: ReadonlyMap<string, Version<TenantRow>>;
  readonly endpoints: ReadonlyMap<string, Version<EndpointRow>>;
  readonly problems: readonly ProblemRow[];
}

/** Reads registry entries. Several regions may write one record: the newest counts. Secrets and headers are left behind. Never throws. */
export function readRegistry(entries: readonly RegistryEntry[]): RegistryVersions {
  const tenants = new Map<string, Version<TenantRow>>();
  const endpoints = new Map<string, Version<EndpointRow>>();
  const problems: ProblemRow[] = [];
  for (const entry of entries) {
    const key = parseRegistryKey(entry.key);
    const id = key?.path.at(-1);
    if (key === undefined || id === undefined) continue;
    try {
      if (key.kind === 'tenant') takeNewer(tenants, id, versionOf(entry, key, tenantRow));
      if (key.kind === 'endpoint') takeNewer(endpoints, id, versionOf(entry, key, endpointRow));
    } catch (error) {
      problems.push(problemOf(entry, error));
    }
  }
  return { tenants, endpoints, problems };
}

function takeNewer<Row>(versions: Map<string, Version<Row>>, id: string, version: Version<Row>): void {
  if (counts(version, versions.get(id))) versions.set(id, version);
}

/** Whether a version counts beside another: the newer does, or that of the region whose id sorts last, so that every region decides alike. */
export const counts = (version: RecordStamp, other: RecordStamp | undefined): boolean =>
  other === undefined || (version.updated_at - other.updated_at || order(version.written_in, other.written_in)) >= 0;

const decoder = new TextDecoder();

function versionOf<Row extends RecordStamp>(
  entry: RegistryEntry,
  { region, scope }: RegistryKey,
  rowOf: (value: unknown, by: Omit<RecordStamp, 'updated_at'>) => Row,
): Version<Row> {
  const by = { scope, written_in: region };
  if (entry.removed) return { ...by, updated_at: entry.atMs, row: undefined };
  const value: unknown = JSON.parse(decoder.decode(entry.body));
  const removed = removedSchema.safeParse(value);
  if (removed.success) return { ...by, updated_at: Date.parse(removed.data.updatedAt), row: undefined };
  const row = rowOf(value, by);
  return { ...by, updated_at: row.updated_at, row };
}

/** The values are left out of the reason: a schema error may quote a secret. */
const problemOf = (entry: RegistryEntry, error: unknown): ProblemRow => ({
  stream: entry.stream,
  seq: entry.seq,
  at: entry.atMs,
  subject: entry.key,
  reason: `not a registry record: ${error instanceof Error ? error.name : 'unreadable'}`,
});

function tenantRow(value: unknown, by: Omit<RecordStamp, 'updated_at'>): TenantRow {
  const tenant: Tenant = tenantSchema.parse(value);
  return {
    id: tenant.id,
    name: tenant.name ?? null,
    region: tenant.placement?.home ?? by.written_in,
    ...by,
    created_at: Date.parse(tenant.createdAt),
    updated_at: Date.parse(tenant.updatedAt),
  };
}

function endpointRow(value: unknown, by: Omit<RecordStamp, 'updated_at'>): EndpointRow {
  const endpoint: Endpoint = endpointSchema.parse(value);
  return {
    id: endpoint.id,
    tenant_id: endpoint.tenantId,
    url: withoutCredentials(endpoint.url),
    event_types: JSON.stringify(endpoint.eventTypes),
    region: endpoint.region ?? by.written_in,
    ...by,
    disabled_reason: endpoint.disabled?.reason ?? null,
    disabled_at: endpoint.disabled === undefined ? null : Date.parse(endpoint.disabled.at),
    created_at: Date.parse(endpoint.createdAt),
    updated_at: Date.parse(endpoint.updatedAt),
  };
}

/** `https://user:password@host/` becomes `https://host/`. */
const withoutCredentials = (url: string): string => url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
