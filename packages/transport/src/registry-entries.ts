import { type Endpoint, parseRegistryKey, type RegistryKey, type RegistryKind, type Scope } from '@waybill/contracts';
import { type ReadRecord, readRecord, type RegistryRecords } from './registry-records.ts';

/** What one key says of a record. */
export interface Version<K extends RegistryKind = RegistryKind> extends ReadRecord<K> {
  readonly key: string;
  readonly region: string;
  readonly scope: Scope;
  /** Sequence in this region's registry stream. */
  readonly seq: number;
}

/** One stored change. `value` undefined: a delete marker of the time before tombstones. */
export interface StoredEntry {
  readonly key: string;
  readonly value: string | undefined;
  readonly seq: number;
  readonly storedAtMs: number;
  /** Copied from another region's registry. */
  readonly isCopy: boolean;
}

/**
 * The registry in memory: for each (kind, path) what every region says of it, of which the newest counts; with equal times the region whose id sorts
 * last, so that all regions agree. Pure bookkeeping, no I/O.
 */
export class RegistryEntries {
  readonly #versions: { readonly [K in RegistryKind]: Map<string, Version<K>[]> } = {
    tenant: new Map(),
    endpoint: new Map(),
    source: new Map(),
    health: new Map(),
    route: new Map(),
    region: new Map(),
    pause: new Map(),
  };
  readonly #sequences = new Map<string, number>();
  readonly #endpointPaths = new Map<string, Set<string>>();

  /** Applies one stored change. Returns a complaint when the record cannot be read; it is then left out. */
  apply(entry: StoredEntry): string | undefined {
    this.#sequences.set(entry.key, entry.seq);
    const parsed = parseRegistryKey(entry.key);
    if (parsed === undefined) return `unknown registry key ${entry.key}`;
    // Each region judges an endpoint's health by its own attempts.
    if (parsed.kind === 'health' && entry.isCopy) return undefined;
    const complaint = this.#store(parsed.kind, parsed, entry);
    if (complaint !== undefined) return `unreadable registry entry ${entry.key}: ${complaint}`;
    if (parsed.kind === 'endpoint') this.#indexEndpoint(parsed.path);
    return undefined;
  }

  #store<K extends RegistryKind>(kind: K, { region, scope, path }: RegistryKey, entry: StoredEntry): string | undefined {
    const { key, value, seq, storedAtMs } = entry;
    const read = value === undefined ? { record: undefined, atMs: storedAtMs } : readRecord(kind, value, storedAtMs);
    if (typeof read === 'string') return read;
    const id = path.join('.');
    const others = (this.#versions[kind].get(id) ?? []).filter((version) => version.key !== key);
    this.#versions[kind].set(id, [...others, { ...read, key, region, scope, seq }].toSorted(newestFirst));
    return undefined;
  }

  /** What counts: the newest version, also when it says that the record was removed. */
  newest<K extends RegistryKind>(kind: K, path: string): Version<K> | undefined {
    return this.#versions[kind].get(path)?.[0];
  }

  /**
   * The earliest time that what is written now under a key may bear, for it to be what counts everywhere: later than what other keys hold, and not
   * earlier than what this one holds. ms since 1970; 0 when nothing is known.
   */
  earliestMs(kind: RegistryKind, path: string, key: string): number {
    const versions: readonly Version[] = this.#versions[kind].get(path) ?? [];
    return Math.max(0, ...versions.map((version) => (version.key === key ? version.atMs : version.atMs + 1)));
  }

  /** Sequence of what a key holds, for compare-and-set; 0 when it holds nothing. */
  sequenceOf(key: string): number {
    return this.#sequences.get(key) ?? 0;
  }

  get<K extends RegistryKind>(kind: K, path: string): RegistryRecords[K] | undefined {
    return this.newest(kind, path)?.record;
  }

  all<K extends RegistryKind>(kind: K): RegistryRecords[K][] {
    const records: RegistryRecords[K][] = [];
    for (const [newest] of this.#versions[kind].values()) if (newest?.record !== undefined) records.push(newest.record);
    return records;
  }

  endpointsOf(tenantId: string): Endpoint[] {
    const endpoints: Endpoint[] = [];
    for (const path of this.#endpointPaths.get(tenantId) ?? []) {
      const endpoint = this.get('endpoint', path);
      if (endpoint !== undefined) endpoints.push(endpoint);
    }
    return endpoints;
  }

  #indexEndpoint(path: readonly string[]): void {
    const [tenantId = ''] = path;
    const id = path.join('.');
    const paths = this.#endpointPaths.get(tenantId) ?? new Set<string>();
    this.#endpointPaths.set(tenantId, paths);
    if (this.get('endpoint', id) === undefined) paths.delete(id);
    else paths.add(id);
  }
}

/** The same key's versions never meet here; one region may have two, one of each scope, and then the one it wrote last counts. */
function newestFirst(one: Version, other: Version): number {
  if (one.atMs !== other.atMs) return other.atMs - one.atMs;
  if (one.region !== other.region) return one.region < other.region ? 1 : -1;
  return other.seq - one.seq;
}
