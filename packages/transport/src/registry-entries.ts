import {
  type Endpoint,
  type EndpointHealth,
  endpointHealthSchema,
  endpointSchema,
  parseRegistryKey,
  type RegistryKind,
  type Source,
  sourceSchema,
  type Tenant,
  tenantSchema,
} from '@waybill/contracts';

/** The record type of each kind of registry entry. */
export interface RegistryRecords {
  readonly tenant: Tenant;
  readonly endpoint: Endpoint;
  readonly source: Source;
  readonly health: EndpointHealth;
}

const schemas = { tenant: tenantSchema, endpoint: endpointSchema, source: sourceSchema, health: endpointHealthSchema };

interface Entry {
  readonly revision: number;
  readonly record: RegistryRecords[RegistryKind];
}

/** The registry in memory: the newest record of each (kind, path). Pure bookkeeping, no I/O. */
export class RegistryEntries {
  readonly #entries: Record<RegistryKind, Map<string, Entry>> = {
    tenant: new Map(),
    endpoint: new Map(),
    source: new Map(),
    health: new Map(),
  };
  readonly #endpointPaths = new Map<string, Set<string>>();

  /** Applies one stored change; `value` undefined means removed. Returns a complaint when the record cannot be read; it is then left out. */
  apply(key: string, value: string | undefined, revision: number): string | undefined {
    const parsed = parseRegistryKey(key);
    if (parsed === undefined) return `unknown registry key ${key}`;
    const path = parsed.path.join('.');
    if (value === undefined) return this.#remove(parsed.kind, path);
    const record = schemas[parsed.kind].safeParse(parseJson(value));
    if (!record.success) return `unreadable registry entry ${key}: ${record.error.message}`;
    this.#entries[parsed.kind].set(path, { revision, record: record.data });
    if (parsed.kind === 'endpoint') this.#indexEndpoint(parsed.path[0] ?? '', path);
    return undefined;
  }

  get<K extends RegistryKind>(kind: K, path: string): RegistryRecords[K] | undefined {
    return this.#entries[kind].get(path)?.record as RegistryRecords[K] | undefined;
  }

  all<K extends RegistryKind>(kind: K): RegistryRecords[K][] {
    return [...this.#entries[kind].values()].map(({ record }) => record as RegistryRecords[K]);
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
