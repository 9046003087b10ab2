import {
  type Endpoint,
  type EndpointHealth,
  endpointHealthSchema,
  endpointSchema,
  parseRegistryKey,
  type RegionAddress,
  regionAddressSchema,
  type RegistryKind,
  type RouteRecord,
  routeRecordSchema,
  type Source,
  sourceSchema,
  type Tenant,
  tenantSchema,
} from '@waybill/contracts';
import type { z } from 'zod';

/** The record type of each kind of registry entry. */
export interface RegistryRecords {
  readonly tenant: Tenant;
  readonly endpoint: Endpoint;
  readonly source: Source;
  readonly health: EndpointHealth;
  readonly route: RouteRecord;
  readonly region: RegionAddress;
}

const schemas: { readonly [K in RegistryKind]: z.ZodType<RegistryRecords[K]> } = {
  tenant: tenantSchema,
  endpoint: endpointSchema,
  source: sourceSchema,
  health: endpointHealthSchema,
  route: routeRecordSchema,
  region: regionAddressSchema,
};

interface Entry<K extends RegistryKind> {
  readonly revision: number;
  readonly record: RegistryRecords[K];
}

/** The registry in memory: the newest record of each (kind, path). Pure bookkeeping, no I/O. */
export class RegistryEntries {
  readonly #entries: { readonly [K in RegistryKind]: Map<string, Entry<K>> } = {
    tenant: new Map(),
    endpoint: new Map(),
    source: new Map(),
    health: new Map(),
    route: new Map(),
    region: new Map(),
  };
  readonly #endpointPaths = new Map<string, Set<string>>();

  /** Applies one stored change; `value` undefined means removed. Returns a complaint when the record cannot be read; it is then left out. */
  apply(key: string, value: string | undefined, revision: number): string | undefined {
    const parsed = parseRegistryKey(key);
    if (parsed === undefined) return `unknown registry key ${key}`;
    const path = parsed.path.join('.');
    if (value === undefined) return this.#remove(parsed.kind, path);
    const complaint = this.#store(parsed.kind, path, { value, revision });
    if (complaint === undefined && parsed.kind === 'endpoint') this.#indexEndpoint(parsed.path[0] ?? '', path);
    return complaint === undefined ? undefined : `unreadable registry entry ${key}: ${complaint}`;
  }

  #store<K extends RegistryKind>(kind: K, path: string, { value, revision }: { value: string; revision: number }): string | undefined {
    const parsed = schemas[kind].safeParse(parseJson(value));
    if (!parsed.success) return parsed.error.message;
    this.#entries[kind].set(path, { revision, record: parsed.data });
    return undefined;
  }

  get<K extends RegistryKind>(kind: K, path: string): RegistryRecords[K] | undefined {
    return this.#entries[kind].get(path)?.record;
  }

  all<K extends RegistryKind>(kind: K): RegistryRecords[K][] {
    return [...this.#entries[kind].values()].map(({ record }) => record);
  }

  /** The revision of one entry, for compare-and-set; undefined when there is none. */
  revisionOf(kind: RegistryKind, path: string): number | undefined {
    return this.#entries[kind].get(path)?.revision;
  }

  endpointsOf(tenantId: string): Endpoint[] {
    const endpoints: Endpoint[] = [];
    for (const path of this.#endpointPaths.get(tenantId) ?? []) {
      const endpoint = this.get('endpoint', path);
      if (endpoint !== undefined) endpoints.push(endpoint);
    }
    return endpoints;
  }

  #indexEndpoint(tenantId: string, path: string): void {
    const ofTenant = this.#endpointPaths.get(tenantId);
    if (ofTenant === undefined) this.#endpointPaths.set(tenantId, new Set([path]));
    else ofTenant.add(path);
  }

  #remove(kind: RegistryKind, path: string): undefined {
    this.#entries[kind].delete(path);
    if (kind === 'endpoint') this.#endpointPaths.get(path.split('.')[0] ?? '')?.delete(path);
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
