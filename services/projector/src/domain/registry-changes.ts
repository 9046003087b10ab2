import { counts, type RegistryVersions, type Version } from './registry-versions.ts';
import type { EndpointRow, ProblemRow, RecordStamp, RemovedRow, TenantRow } from './rows.ts';

/** What the store has of the records that a run of entries tells of, by id. `removed`: tombstones, by `tombstoneKey`. */
export interface RegistryBefore {
  readonly tenants: ReadonlyMap<string, TenantRow>;
  readonly endpoints: ReadonlyMap<string, EndpointRow>;
  readonly removed: ReadonlyMap<string, RemovedRow>;
}

/** What a run of registry entries changes. */
export interface RegistryChanges {
  readonly tenants: readonly TenantRow[];
  readonly endpoints: readonly EndpointRow[];
  /** Tombstones of records whose rows go: what another region wrote earlier may arrive later, and must not bring them back. */
  readonly removed: readonly RemovedRow[];
  /** Tombstones of records that are there again. */
  readonly restored: readonly RemovedRow[];
  readonly problems: readonly ProblemRow[];
}

export const tombstoneKey = (kind: RemovedRow['kind'], id: string): string => `${kind} ${id}`;

/** Merges what was read with what the store has. The result does not depend on the order in which entries of several regions are read. */
export function registryChanges(before: RegistryBefore, versions: RegistryVersions): RegistryChanges {
  const tenants = merged({ kind: 'tenant', known: before.tenants, removed: before.removed }, versions.tenants);
  const endpoints = merged({ kind: 'endpoint', known: before.endpoints, removed: before.removed }, versions.endpoints);
  return {
    tenants: tenants.kept,
    endpoints: endpoints.kept,
    removed: [...tenants.removed, ...endpoints.removed],
    restored: [...tenants.restored, ...endpoints.restored],
    problems: versions.problems,
  };
}

interface Known<Row> {
  readonly kind: RemovedRow['kind'];
  readonly known: ReadonlyMap<string, Row>;
  readonly removed: ReadonlyMap<string, RemovedRow>;
}

function merged<Row extends RecordStamp>(before: Known<Row>, versions: ReadonlyMap<string, Version<Row>>) {
  const { kind } = before;
  const kept: Row[] = [];
  const removed: RemovedRow[] = [];
  const restored: RemovedRow[] = [];
  for (const [id, { row, scope, written_in, updated_at }] of versions) {
    const tombstone = before.removed.get(tombstoneKey(kind, id));
    const stamp = { scope, written_in, updated_at };
    if (!counts(stamp, before.known.get(id) ?? tombstone)) continue;
    if (row === undefined) removed.push({ kind, id, ...stamp });
    else kept.push(row);
    if (row !== undefined && tombstone !== undefined) restored.push(tombstone);
  }
  return { kept, removed, restored };
}
