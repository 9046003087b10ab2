import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { localColumnsOf } from '../../domain/comparable.ts';
import type { Database } from '../store/database.ts';
import type { Tables } from '../store/schema.ts';
import { pageStatement } from './list.ts';
import { type Row, StrictShare } from './strict-share.ts';

/** How many rows were compared, and what they come to together: 32 hexadecimal digits, whatever their order. */
export interface TableDigest {
  readonly rows: number;
  readonly digest: string;
}

/** Two regions' read models are equal when their digests are; `tables` tells where they differ. */
export interface Digest {
  readonly digest: string;
  readonly tables: Readonly<Record<string, TableDigest>>;
}

type Key = Readonly<Record<string, string | number>>;

const BY_ID = { id: '' };
/** What is compared, by key, with values below all that occur. Counters come last: what strict tenants add to them is known by then. */
export const COMPARED = [
  ['event', BY_ID],
  ['delivery', BY_ID],
  ['event_progress', { event_id: '' }],
  ['attempt', { delivery_id: '', number: -1, region: '' }],
  ['dead_letter', BY_ID],
  ['resolution', BY_ID],
  ['dead_letter_group', { tenant_id: '', endpoint_id: '', reason: '', region: '', scope: '' }],
  ['delivery_instruction', { delivery_id: '', at: -1, origin_region: '', origin_seq: -1 }],
  ['management_action', { at: -1, origin_region: '', origin_seq: -1 }],
  ['claim', { delivery_id: '' }],
  ['region_change', { at: -1, origin_region: '', origin_seq: -1 }],
  ['dispatch', { event_id: '' }],
  ['dispatch_target', { event_id: '', delivery_id: '' }],
  ['dispatch_report', { event_id: '' }],
  ['dispatch_sweep', { region: '' }],
  ['tenant', BY_ID],
  ['endpoint', BY_ID],
  ['removed_record', { id: '', kind: '' }],
  ['total', { scope: '', scope_id: '', subject: '', state: '' }],
  ['schema_count', { day: -1, event_type: '', version: Number.MIN_SAFE_INTEGER, verdict: '' }],
  ['rollup', BY_ID],
] as const satisfies readonly (readonly [keyof Tables, Key])[];

/** Rows read by one statement. */
const CHUNK = 1_000;

/**
 * Digests of all that two regions must hold alike: everything but what is a region's own (`localColumnsOf`) and what belongs to strict tenants.
 * Reads every row, in chunks along the primary keys, giving way to other requests in between: about 20 s for a million events with one delivery each.
 * It may do what lists and numbers must not, for it is an operator's check whether those can be believed. Only regions at rest can be equal.
 */
export async function digestOf(database: Database): Promise<Digest> {
  const strict = new StrictShare();
  const tables: Record<string, TableDigest> = {};
  for (const [table, least] of COMPARED) tables[table] = await tableDigest(database, table, { least, strict });
  return { digest: digest128(JSON.stringify(tables)).toString(16).padStart(32, '0'), tables };
}

async function tableDigest(database: Database, table: keyof Tables, given: { least: Key; strict: StrictShare }): Promise<TableDigest> {
  const { least, strict } = given;
  const local = localColumnsOf(table);
  let columns: readonly string[] | undefined;
  let rows = 0;
  let together = 0n;
  for (let after = Object.values(least); ;) {
    const chunk = await nextRows(database, table, { least, after });
    for (const row of chunk) {
      const shared = strict.withoutShare(table, row);
      if (shared === undefined) continue;
      rows += 1;
      columns ??= Object.keys(row)
        .filter((column) => !local.has(column))
        .toSorted();
      together = (together + digest128(JSON.stringify(columns.map((column) => shared[column])))) & MASK;
    }
    const last = chunk.at(-1);
    if (last === undefined || chunk.length < CHUNK) return { rows, digest: together.toString(16).padStart(32, '0') };
    after = Object.keys(least).map((column) => last[column] ?? '');
    await setImmediate();
  }
}

async function nextRows(database: Database, table: keyof Tables, at: { least: Key; after: (string | number)[] }): Promise<readonly Row[]> {
  const beyond = { value: undefined, direction: 'newer', key: at.after, step: CHUNK } as const;
  const statement = pageStatement<Row>({ table, drives: [] }, { sort: at.least }, beyond);
  return (await database.db.executeQuery(statement.compile(database.db))).rows;
}

const MASK = (1n << 128n) - 1n;
/** Added up, so that the order of rows does not matter: the two engines sort texts differently. */
const digest128 = (text: string): bigint => BigInt(`0x${hash('sha256', text).slice(0, 32)}`);
