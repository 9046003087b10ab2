import { sql } from 'kysely';
import type { Grain, RollupRow } from '../../domain/rollup-rows.ts';
import type { AttemptRow } from '../../domain/rows.ts';
import type { Database } from '../store/database.ts';
import { bucketStart, latestOf, latestOfEach, newestOf } from './rollups.ts';
import { type Totals, totalsByScopeId } from './totals.ts';

/** How one region does. `minute`: the newest complete one of the last ten in which anything happened. */
export interface MeasuredRegion {
  readonly region: string;
  readonly totals: Totals;
  /** The oldest delivery without an end. */
  readonly oldestOpen: { readonly id: string; readonly at: number } | undefined;
  readonly minute: RollupRow | undefined;
  readonly hour: RollupRow | undefined;
}

const MINUTES_BACK_MS = 600_000;

/** Every region that anything was counted for, by name. */
export async function measuredRegions(database: Database, nowMs: number): Promise<MeasuredRegion[]> {
  const counted = await totalsByScopeId(database, 'region');
  const measured: MeasuredRegion[] = [];
  for (const [region, totals] of counted) {
    const of = (grain: Grain) => ({ scope: 'region', id: region, grain }) as const;
    const running = bucketStart('minute', nowMs);
    measured.push({
      region,
      totals,
      oldestOpen: await oldestOpen(database, region),
      minute: await newestOf(database, of('minute'), { from: running - MINUTES_BACK_MS, to: running }),
      hour: await latestOf(database, of('hour'), nowMs),
    });
  }
  return measured;
}

/** The oldest delivery without an end that a region must bring to one. */
export const oldestOpen = ({ db }: Database, region: string) =>
  db
    .selectFrom('delivery')
    .select(['id', 'at'])
    .where('region', '=', region)
    .where('ended_at', 'is', null)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();

/** How one endpoint does. */
export interface MeasuredEndpoint {
  readonly endpointId: string;
  readonly totals: Totals | undefined;
  readonly hour: RollupRow | undefined;
  readonly day: RollupRow | undefined;
  readonly lastAttempt: AttemptRow | undefined;
}

/** The endpoints that are asked for, in that order. */
export async function measuredEndpoints(database: Database, ids: readonly string[], nowMs: number): Promise<MeasuredEndpoint[]> {
  const counted = await totalsByScopeId(database, 'endpoint', ids);
  const hours = await latestOfEach(database, { scope: 'endpoint', ids, grain: 'hour' }, nowMs);
  const days = await latestOfEach(database, { scope: 'endpoint', ids, grain: 'day' }, nowMs);
  const measured: MeasuredEndpoint[] = [];
  for (const id of ids)
    measured.push({
      endpointId: id,
      totals: counted.get(id),
      hour: hours.get(id),
      day: days.get(id),
      lastAttempt: await lastAttempt(database, id),
    });
  return measured;
}

async function lastAttempt({ db }: Database, endpointId: string): Promise<AttemptRow | undefined> {
  const { rows } = await sql<AttemptRow>`select * from attempt where endpoint_id = ${endpointId}
    order by at desc, delivery_id desc, number desc, region desc limit 1`.execute(db);
  return rows[0];
}
