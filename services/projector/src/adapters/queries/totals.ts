import type { TotalChange, TotalScope } from '../../domain/rows.ts';
import { MAIN_PROJECTION } from '../store/projection-store.ts';
import type { Database } from '../store/database.ts';
import type { CheckpointRow } from '../store/schema.ts';

/** Counters of one scope by subject and state, as they were written. */
export type Totals = Readonly<Record<TotalChange['subject'], Readonly<Record<string, number>>>>;

export async function totalsOf({ db }: Database, scope: TotalScope, scopeId: string): Promise<Totals> {
  const rows = await db
    .selectFrom('total')
    .select(['subject', 'state', 'value'])
    .where('scope', '=', scope)
    .where('scope_id', '=', scopeId)
    .execute();
  return totalsFrom(rows);
}

/** Most regions or endpoints whose counters one answer holds. */
const MOST_SCOPES = 250;
/** More than any of them has. */
const MOST_COUNTERS = 50;

/** The same of every region, or of some endpoints, by their names. Of what was never counted there is none. */
export async function totalsByScopeId(
  { db }: Database,
  scope: 'region' | 'endpoint',
  ids?: readonly string[],
): Promise<Map<string, Totals>> {
  if (ids?.length === 0) return new Map();
  const ofScope = db.selectFrom('total').select(['scope_id', 'subject', 'state', 'value']).where('scope', '=', scope);
  const wanted = ids === undefined ? ofScope : ofScope.where('scope_id', 'in', ids);
  const rows = await wanted.limit(MOST_SCOPES * MOST_COUNTERS).execute();
  const byName = new Map<string, Counted[]>();
  for (const row of rows) {
    const known = byName.get(row.scope_id);
    if (known === undefined) byName.set(row.scope_id, [row]);
    else known.push(row);
  }
  return new Map([...byName.keys()].toSorted().map((name) => [name, totalsFrom(byName.get(name) ?? [])]));
}

type Counted = Pick<TotalChange, 'subject' | 'state' | 'value'>;

function totalsFrom(rows: readonly Counted[]): Totals {
  const ofSubject = (subject: TotalChange['subject']): Record<string, number> =>
    Object.fromEntries(rows.filter((row) => row.subject === subject).map(({ state, value }) => [state, value]));
  return {
    event: ofSubject('event'),
    delivery: ofSubject('delivery'),
    attempt: ofSubject('attempt'),
    dispatch: ofSubject('dispatch'),
    dead_letter: ofSubject('dead_letter'),
  };
}

/** How far the projection has come, by stream. */
export function checkpoints({ db }: Database): Promise<CheckpointRow[]> {
  return db.selectFrom('checkpoint').selectAll().where('projection', '=', MAIN_PROJECTION).execute();
}
