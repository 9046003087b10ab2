import { CompiledQuery } from 'kysely';
import type { Database } from '../adapters/store/database.ts';

/** What SQLite would do for a statement, a line for each step. */
export async function queryPlan({ db }: Database, text: string, parameters: readonly unknown[]): Promise<string[]> {
  const { rows } = await db.executeQuery(CompiledQuery.raw(`explain query plan ${text}`, [...parameters]));
  return rows.map((row) => (typeof row === 'object' && row !== null && 'detail' in row ? String(row.detail) : ''));
}

/** The steps of a plan that grow with the table: reading it all, or sorting what was read. */
export const growingSteps = (plan: readonly string[]): string[] => plan.filter((step) => /\bSCAN\b|TEMP B-TREE/.test(step));
