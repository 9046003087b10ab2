import type { Database } from '../adapters/store/database.ts';
import { order } from '../domain/plans.ts';

const TABLES = [
  'event',
  'delivery',
  'attempt',
  'dead_letter',
  'dead_letter_group',
  'resolution',
  'delivery_instruction',
  'management_action',
  'claim',
  'event_progress',
  'region_change',
  'dispatch',
  'dispatch_target',
  'dispatch_report',
  'dispatch_sweep',
  'total',
  'rollup',
  'schema_count',
  'intake_mark',
  'projection_problem',
  'tenant',
  'endpoint',
  'removed_record',
  'checkpoint',
] as const;

/** Removes every row of a store. */
export async function emptyStore({ db }: Database): Promise<void> {
  for (const table of TABLES) await db.deleteFrom(table).execute();
}

/** Rows by table, each as text. */
export type AllRows = Readonly<Record<string, readonly string[]>>;

/** All rows of a store, in an order of their own. */
export async function allRows({ db }: Database): Promise<AllRows> {
  const tables: Record<string, string[]> = {};
  for (const table of TABLES) tables[table] = linesOf(await db.selectFrom(table).selectAll().execute());
  return tables;
}

export const linesOf = (rows: Iterable<object>): string[] =>
  [...rows].map((row) => JSON.stringify(Object.entries(row).toSorted(([left], [right]) => order(left, right)))).toSorted();
