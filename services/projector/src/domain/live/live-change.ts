import { type LiveFrame, MOST_IN_FRAME } from '@waybill/contracts';
import type { Fact } from '../fact.ts';
import type { Changes } from '../working-set.ts';

/** What a frame says, without when. */
export type LiveChange = Omit<LiveFrame, 'at'>;

/** The kinds of a change that name rows; a kind may be there without naming one. */
type Lists = { readonly [K in 'events' | 'deliveries' | 'deadLetters' | 'dispatches' | 'jobs' | 'regions']: LiveChange[K] | undefined };

/** Says of a batch what whoever looks at the read models must ask for again; undefined: nothing. Pure; `changes` is what `fold` made of `facts`. */
export function changeOf(facts: readonly Fact[], changes: Changes): LiveChange | undefined {
  const draft = bounded(listsOf(facts, changes), changes.instructions.length > 0);
  if (changes.actions.length > 0) draft.audit = true;
  if (facts.some(({ kind }) => kind === 'intake.measured')) draft.stats = true;
  return Object.keys(draft).length === 0 ? undefined : draft;
}

function listsOf(facts: readonly Fact[], changes: Changes): Lists {
  const { deadLetters, revived, resolutions, dispatches, targets, reports, sweeps, instructions } = changes;
  const told = [...dispatches, ...targets, ...reports].map(({ event_id: id }) => id);
  return {
    events: some(changes.events.map(({ id, tenant_id: tenantId, event_type: eventType, state }) => ({ id, tenantId, eventType, state }))),
    // What was asked of a delivery shows with it, and changes no row of its own.
    deliveries: instructions.length > 0 ? changes.deliveries.map(deliveryNamed) : some(changes.deliveries.map(deliveryNamed)),
    deadLetters: some([...revived, ...[...deadLetters, ...resolutions].map(({ id }) => id)]),
    dispatches: sweeps.length > 0 ? told : some(told),
    jobs: some(facts.flatMap((fact) => (fact.kind === 'aside' ? (fact.fact.jobId ?? []) : []))),
    regions: some(changes.regionChanges.map(({ region }) => region)),
  };
}

const some = <T>(list: readonly T[]): readonly T[] | undefined => (list.length === 0 ? undefined : list);

const deliveryNamed = ({ id, event_id, tenant_id, endpoint_id, state }: Changes['deliveries'][number]) => ({
  id,
  eventId: event_id,
  tenantId: tenant_id,
  endpointId: endpoint_id,
  state,
});

/** Two changes as one: each row once, as the later one has it. */
export function merged(earlier: LiveChange, later: LiveChange): LiveChange {
  const lists = {
    events: both(earlier.events, later.events),
    deliveries: both(earlier.deliveries, later.deliveries),
    deadLetters: both(earlier.deadLetters, later.deadLetters),
    dispatches: both(earlier.dispatches, later.dispatches),
    jobs: both(earlier.jobs, later.jobs),
    regions: both(earlier.regions, later.regions),
  };
  return { ...earlier, ...later, ...bounded(lists, false) };
}

const both = <T>(earlier: readonly T[] | undefined, later: readonly T[] | undefined): readonly T[] | undefined =>
  earlier === undefined || later === undefined ? (later ?? earlier) : [...earlier, ...later];

type Draft = { -readonly [K in keyof LiveChange]: LiveChange[K] };

/** Names each row once and no more rows than a frame may; `more` when there are. */
function bounded(lists: Lists, more: boolean): Draft {
  const draft: Draft = more ? { more } : {};
  const cut = <T extends string | { readonly id: string }>(list: readonly T[]): T[] => {
    const named = [...new Map(list.map((row) => [typeof row === 'string' ? row : row.id, row])).values()];
    if (named.length > MOST_IN_FRAME) draft.more = true;
    return named.slice(0, MOST_IN_FRAME);
  };
  const { events, deliveries, deadLetters, dispatches, jobs, regions } = lists;
  if (events !== undefined) draft.events = cut(events);
  if (deliveries !== undefined) draft.deliveries = cut(deliveries);
  if (deadLetters !== undefined) draft.deadLetters = cut(deadLetters);
  if (dispatches !== undefined) draft.dispatches = cut(dispatches);
  if (jobs !== undefined) draft.jobs = cut(jobs);
  if (regions !== undefined) draft.regions = cut(regions);
  return draft;
}
