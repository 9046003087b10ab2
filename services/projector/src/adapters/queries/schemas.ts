import type { SchemaCountRow } from '../../domain/rollup-rows.ts';
import type { Database } from '../store/database.ts';

/** Counted versions and verdicts of some event types. `after`: the last type of these; undefined when there are no more. */
export interface SchemaPage {
  readonly rows: readonly SchemaCountRow[];
  readonly after: string | undefined;
}

/** Rows that one page looks at: a type has a few for each of its versions. */
const MOST_ROWS = 2_000;

/**
 * The counters of one day (ms of its beginning; 0: ever), in the order of their types, for at most `limit` types behind `after`. A type is on one page
 * whole, unless it alone has more rows than a page may look at: then it is cut.
 */
export async function schemaCounts(
  { db }: Database,
  { day, after, limit }: { day: number; after: string | undefined; limit: number },
): Promise<SchemaPage> {
  const ofDay = db.selectFrom('schema_count').selectAll().where('day', '=', day);
  const behind = after === undefined ? ofDay : ofDay.where('event_type', '>', after);
  const rows = await behind.orderBy('event_type').orderBy('version').orderBy('verdict').limit(MOST_ROWS).execute();
  const types = [...new Set(rows.map((row) => row.event_type))];
  const isCut = rows.length === MOST_ROWS;
  const whole = isCut && types.length > 1 ? types.slice(0, -1) : types;
  const shown = new Set(whole.slice(0, limit));
  const isLast = !isCut && shown.size === types.length;
  return { rows: rows.filter((row) => shown.has(row.event_type)), after: isLast ? undefined : [...shown].at(-1) };
}
