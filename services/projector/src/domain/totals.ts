import type { TotalChange, TotalScope } from './rows.ts';
import type { Before, WorkingSet } from './working-set.ts';

/** State under which everything is counted once, whatever becomes of it. */
export const EVERY_STATE = 'total';

type Subject = TotalChange['subject'];
type Scoped = readonly (readonly [TotalScope, string])[];

/** Rows that made the same transition and are counted in the same places. */
interface Move {
  readonly subject: Subject;
  readonly scopes: Scoped;
  readonly from: string | undefined;
  readonly to: string;
  times: number;
}

/** Counts transitions first and spreads them over the counters afterwards: a batch has many rows and few kinds of transition. */
class Tally {
  readonly #moves = new Map<string, Move>();

  move(subject: Subject, row: Place, from: string | undefined, to: string): void {
    if (from === to) return;
    const key = `${subject} ${from} ${to} ${row.tenant_id} ${row.endpoint_id} ${row.region}`;
    const known = this.#moves.get(key);
    if (known === undefined) this.#moves.set(key, { subject, scopes: scopesOf(row), from, to, times: 1 });
    else known.times += 1;
  }

  changes(): TotalChange[] {
    const totals = new Map<string, { -readonly [K in keyof TotalChange]: TotalChange[K] }>();
    for (const { subject, scopes, from, to, times } of this.#moves.values()) {
      for (const [scope, id] of scopes) {
        add(totals, { scope, scope_id: id, subject, state: from ?? EVERY_STATE, value: from === undefined ? times : -times });
        add(totals, { scope, scope_id: id, subject, state: to, value: times });
      }
    }
    return [...totals.values()].filter(({ value }) => value !== 0);
  }
}

function add(totals: Map<string, { -readonly [K in keyof TotalChange]: TotalChange[K] }>, change: TotalChange): void {
  const key = `${change.subject} ${change.scope} ${change.state} ${change.scope_id}`;
  const known = totals.get(key);
  if (known === undefined) totals.set(key, { ...change });
  else known.value += change.value;
}

/**
 * The changes of the counters that follow from the transitions a batch made: old state to new state, nothing else.
 * A fact that changed no row changes no counter, so a repeated fact is never counted twice.
 */
export function totalsOf(before: Before, after: WorkingSet): TotalChange[] {
  const tally = new Tally();
  for (const row of after.events.values()) {
    const { tenant_id, region } = row;
    tally.move('event', { tenant_id, region, endpoint_id: undefined }, before.events.get(row.id)?.state, row.state);
  }
  for (const row of after.deliveries.values()) tally.move('delivery', row, before.deliveries.get(row.id)?.state, row.state);
  for (const row of after.attempts.values()) tally.move('attempt', row, undefined, row.outcome);
  return tally.changes();
}

/** Where a row is counted. Events have no endpoint. */
interface Place {
  readonly tenant_id: string;
  readonly endpoint_id: string | undefined;
  readonly region: string;
}

function scopesOf(row: Place): Scoped {
  const shared: Scoped = [
    ['all', ''],
    ['tenant', row.tenant_id],
    ['region', row.region],
  ];
  return row.endpoint_id === undefined ? shared : [...shared, ['endpoint', row.endpoint_id]];
}
