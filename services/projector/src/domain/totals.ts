import { TOTAL_SCOPES, type TotalChange, type TotalScope } from './rows.ts';
import type { Before, WorkingSet } from './working-set.ts';

/** State under which everything is counted once, whatever becomes of it. */
export const EVERY_STATE = 'total';

type Subject = TotalChange['subject'];
/** Changes of one counter place by state. */
type ByState = Map<string, number>;
type Place = { readonly [S in Subject]: ByState };

/** Where a row is counted. Events have no endpoint. */
interface Counted {
  readonly tenant_id: string;
  readonly endpoint_id: string | undefined;
  readonly region: string;
}

/** Adds changes up in memory, so that each counter is written once a batch. Nested maps: joining texts into keys cost as much as folding. */
class Tally {
  readonly #scopes: { readonly [S in TotalScope]: Map<string, Place> } = {
    all: new Map(),
    tenant: new Map(),
    endpoint: new Map(),
    region: new Map(),
  };

  move(subject: Subject, row: Counted, from: string | undefined, to: string): void {
    if (from === to) return;
    moveIn(this.#states('all', '', subject), from, to);
    moveIn(this.#states('tenant', row.tenant_id, subject), from, to);
    moveIn(this.#states('region', row.region, subject), from, to);
    if (row.endpoint_id !== undefined) moveIn(this.#states('endpoint', row.endpoint_id, subject), from, to);
  }

  #states(scope: TotalScope, id: string, subject: Subject): ByState {
    const places = this.#scopes[scope];
    let place = places.get(id);
    if (place === undefined) places.set(id, (place = { event: new Map(), delivery: new Map(), attempt: new Map() }));
    return place[subject];
  }

  changes(): TotalChange[] {
    return TOTAL_SCOPES.flatMap((scope) => [...this.#scopes[scope]].flatMap(([id, place]) => changesOf(scope, id, place)));
  }
}

function moveIn(states: ByState, from: string | undefined, to: string): void {
  if (from === undefined) add(states, EVERY_STATE, 1);
  else add(states, from, -1);
  add(states, to, 1);
}

const add = (states: ByState, state: string, value: number): void => void states.set(state, (states.get(state) ?? 0) + value);

const SUBJECTS: readonly Subject[] = ['event', 'delivery', 'attempt'];

function changesOf(scope: TotalScope, id: string, place: Place): TotalChange[] {
  const all = SUBJECTS.flatMap((subject) => [...place[subject]].map(([state, value]) => ({ scope, scope_id: id, subject, state, value })));
  return all.filter(({ value }) => value !== 0);
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
