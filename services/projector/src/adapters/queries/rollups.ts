import { GRAIN_MS, type Grain, rollupId, type RollupRow } from '../../domain/rollup-rows.ts';
import type { RollupScope } from '../../domain/rows.ts';
import type { Database } from '../store/database.ts';

/** Whose buckets are asked for, and how long these are. `id` is empty for the scope `all`. */
export interface SeriesOf {
  readonly scope: RollupScope;
  readonly id: string;
  readonly grain: Grain;
}

/** The buckets of a series that begin from `from` on and before `to` (ms), oldest first: a range of the key. Of a bucket in which nothing happened there is no row. */
export function seriesOf(
  { db }: Database,
  { scope, id, grain }: SeriesOf,
  { from, to }: { from: number; to: number },
): Promise<RollupRow[]> {
  return db
    .selectFrom('rollup')
    .selectAll()
    .where('id', '>=', rollupId(scope, id, grain, from))
    .where('id', '<', rollupId(scope, id, grain, to))
    .orderBy('id')
    .execute();
}

/** The newest bucket of a series that begins from `from` on and before `to` (ms); undefined when nothing happened in any. */
export function newestOf(
  { db }: Database,
  { scope, id, grain }: SeriesOf,
  { from, to }: { from: number; to: number },
): Promise<RollupRow | undefined> {
  return db
    .selectFrom('rollup')
    .selectAll()
    .where('id', '>=', rollupId(scope, id, grain, from))
    .where('id', '<', rollupId(scope, id, grain, to))
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The start of the bucket that a time lies in, in ms. */
export const bucketStart = (grain: Grain, ms: number): number => Math.floor(ms / GRAIN_MS[grain]) * GRAIN_MS[grain];

/** The bucket of now, or the one before it while nothing has happened in that of now. */
export function latestOf(database: Database, series: SeriesOf, nowMs: number): Promise<RollupRow | undefined> {
  const start = bucketStart(series.grain, nowMs);
  return newestOf(database, series, { from: start - GRAIN_MS[series.grain], to: start + GRAIN_MS[series.grain] });
}

/** The same of several, by their ids: of none that nothing has happened for. */
export async function latestOfEach(
  { db }: Database,
  { scope, ids, grain }: Omit<SeriesOf, 'id'> & { ids: readonly string[] },
  nowMs: number,
): Promise<Map<string, RollupRow>> {
  const start = bucketStart(grain, nowMs);
  const keys = new Map(ids.flatMap((id) => [start - GRAIN_MS[grain], start].map((at) => [rollupId(scope, id, grain, at), id] as const)));
  if (keys.size === 0) return new Map();
  const rows = await db
    .selectFrom('rollup')
    .selectAll()
    .where('id', 'in', [...keys.keys()])
    .execute();
  const inOrder = rows.toSorted((left, right) => left.at - right.at);
  return new Map(inOrder.map((row) => [keys.get(row.id) ?? '', row]));
}
