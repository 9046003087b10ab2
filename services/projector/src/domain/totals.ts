import { type DeadLetterRow, TOTAL_SCOPES, type TotalChange, type TotalScope } from './rows.ts';
import type { Before, WorkingSet } from './working-set.ts';

/** State under which everything is counted once, whatever becomes of it. */
export const EVERY_STATE = 'total';

type Subject = TotalChange['subject'];
/** Changes of one counter place by state. */
type ByState = Map<string, number>;
type Place = { readonly [S in Subject]: ByState };

/** Where a row is counted, and under what. Events and dispatches have no endpoint; only deliveries that a job made have one. */
interface Counted {
  readonly tenant_id: string;
  readonly endpoint_id?: string;
  readonly region: string;
  readonly job_id?: string | null;
}

/** Adds changes up in memory, so that each counter is written once a batch. Nested maps: joining texts into keys cost as much as folding. */
export class Tally {
  readonly #scopes: { readonly [S in TotalScope]: Map<string, Place> } = {
    all: new Map(),
    tenant: new Map(),
    endpoint: new Map(),
    region: new Map(),
    job: new Map(),
  };

  enter(subject: Subject, row: Counted, state: string): void {
    for (const states of this.#statesOf(subject, row)) {
      add(states, EVERY_STATE, 1);
      add(states, state, 1);
    }
  }
  leave(subject: Subject, row: Counted, state: string): void {
    for (const states of this.#statesOf(subject, row)) {
      add(states, EVERY_STATE, -1);
      add(states, state, -1);
    }
  }
  move(subject: Subject, row: Counted, from: string, to: string): void {
    if (from === to) return;
    for (const states of this.#statesOf(subject, row)) {
      add(states, from, -1);
      add(states, to, 1);
    }
  }

  #statesOf(subject: Subject, { tenant_id: tenant, endpoint_id: endpoint, region, job_id: job = null }: Counted): ByState[] {
    const states = [this.#states('all', '', subject), this.#states('tenant', tenant, subject), this.#states('region', region, subject)];
    if (endpoint !== undefined) states.push(this.#states('endpoint', endpoint, subject));
    if (job !== null) states.push(this.#states('job', job, subject));
    return states;
  }

  #states(scope: TotalScope, id: string, subject: Subject): ByState {
    const places = this.#scopes[scope];
    let place = places.get(id);
    if (place === undefined)
      places.set(id, (place = { event: new Map(), delivery: new Map(), attempt: new Map(), dispatch: new Map(), dead_letter: new Map() }));
    return place[subject];
  }

  changes(): TotalChange[] {
    return TOTAL_SCOPES.flatMap((scope) => [...this.#scopes[scope]].flatMap(([id, place]) => changesOf(scope, id, place)));
  }
}

const add = (states: ByState, state: string, value: number): void => void states.set(state, (states.get(state) ?? 0) + value);

const SUBJECTS: readonly Subject[] = ['event', 'delivery', 'attempt', 'dispatch', 'dead_letter'];

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
  for (const row of after.events.values()) count(tally, 'event', before.events.get(row.id), row);
  for (const row of after.deliveries.values()) count(tally, 'delivery', before.deliveries.get(row.id), row);
  for (const row of after.attempts) tally.enter('attempt', row, row.outcome);
  for (const row of after.dispatches.values()) count(tally, 'dispatch', before.dispatches.get(row.event_id), row);
  for (const id of new Set([...after.deadLetters.keys(), ...after.revived]))
    countDead(tally, before.deadLetters.get(id), after.deadLetter(id));
  return tally.changes();
}

function countDead(tally: Tally, was: DeadLetterRow | undefined, is: DeadLetterRow | undefined): void {
  if (is !== undefined) return count(tally, 'dead_letter', was && placed(was), placed(is));
  if (was !== undefined) tally.leave('dead_letter', placed(was), was.state);
}

/** The dead letter of an event has no endpoint. */
const placed = ({ tenant_id, endpoint_id, region, state }: DeadLetterRow): Counted & { state: string } =>
  endpoint_id === '' ? { tenant_id, region, state } : { tenant_id, endpoint_id, region, state };

/** A row that is counted elsewhere from now on, as a delivery that another region made, leaves its old place whole. */
function count(tally: Tally, subject: Subject, was: (Counted & { state: string }) | undefined, is: Counted & { state: string }): void {
  if (was === undefined) return tally.enter(subject, is, is.state);
  if (was.region === is.region && was.tenant_id === is.tenant_id && was.job_id === is.job_id)
    return tally.move(subject, is, was.state, is.state);
  tally.leave(subject, was, was.state);
  tally.enter(subject, is, is.state);
}
