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
