import {
  type Endpoint,
  type EndpointHealth,
  endpointHealthSchema,
  endpointSchema,
  type Pause,
  pauseSchema,
  type RegionAddress,
  regionAddressSchema,
  type RegistryKind,
  removedSchema,
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
  readonly pause: Pause;
}

const schemas: { readonly [K in RegistryKind]: z.ZodType<RegistryRecords[K]> } = {
  tenant: tenantSchema,
  endpoint: endpointSchema,
  source: sourceSchema,
  health: endpointHealthSchema,
  route: routeRecordSchema,
  region: regionAddressSchema,
  pause: pauseSchema,
};

/** A stored value as read: a record, or undefined in the place of one that was removed, and when it was written (ms since 1970). */
export interface ReadRecord<K extends RegistryKind> {
  readonly record: RegistryRecords[K] | undefined;
  readonly atMs: number;
}

/** Reads what a key holds. `storedAtMs` counts for what carries no time of its own. Returns a complaint when it cannot be read. */
export function readRecord<K extends RegistryKind>(kind: K, text: string, storedAtMs: number): ReadRecord<K> | string {
  const value = parseJson(text);
  const removed = removedSchema.safeParse(value);
  if (removed.success) return { record: undefined, atMs: Date.parse(removed.data.updatedAt) };
  const parsed = schemas[kind].safeParse(value);
  if (!parsed.success) return parsed.error.message;
  return { record: parsed.data, atMs: writtenAtMs(parsed.data) ?? storedAtMs };
}

function writtenAtMs(record: object): number | undefined {
  return 'updatedAt' in record && typeof record.updatedAt === 'string' ? Date.parse(record.updatedAt) : undefined;
}

/**
 * The same record, dated `earliestMs` at the earliest: clocks differ between regions and may be set back, and a change that is dated earlier than
 * what it changes would be overruled by it everywhere.
 */
export function datedFrom<R extends object>(record: R, earliestMs: number): R {
  const atMs = writtenAtMs(record);
  return atMs === undefined || atMs >= earliestMs ? record : { ...record, updatedAt: new Date(earliestMs).toISOString() };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
