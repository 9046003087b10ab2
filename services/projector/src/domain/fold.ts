import type { Fact, FactOf } from './fact.ts';
import { groupChangesOf } from './dead-letter-groups.ts';
import { eventProgressOf } from './event-progress.ts';
import { foldAttempted, foldDeliveryRefused } from './fold-delivery.ts';
import { foldDispatch, foldProgress } from './fold-dispatch.ts';
import { foldAccepted, foldPlan, foldRefused, refusedIdOf } from './fold-event.ts';
import { foldMeasured } from './fold-intake.ts';
import { foldActed, foldInstructed } from './fold-management.ts';
import { foldClaimed, foldRegionChange } from './fold-region.ts';
import { foldDiscarded } from './fold-resolution.ts';
import { endsDispatch } from './fold-target.ts';
import { rollupsOf } from './rollups.ts';
import type { EventRow } from './rows.ts';
import { schemaCountsOf } from './schema-counts.ts';
import { totalsOf } from './totals.ts';
import { type Before, type Changes, WorkingSet } from './working-set.ts';

/** Ids of the rows that a batch may touch, each once. */
export interface Touched {
  readonly events: ReadonlySet<string>;
  readonly deliveries: ReadonlySet<string>;
  /** Those of the deliveries that were attempted, or planned, which tells whether a job made them: their known attempts must be read too. */
  readonly attempted: ReadonlySet<string>;
  /** What was said to be done about dead letters, or must be known because they are some now. */
  readonly resolutions: ReadonlySet<string>;
  /** Dead letters that were discarded, of whichever kind. */
  readonly discarded: ReadonlySet<string>;
  /** Deliveries that a region took over. */
  readonly claimed: ReadonlySet<string>;
  /** Events whose dispatches and their targets are needed. */
  readonly dispatches: ReadonlySet<string>;
  /** Events whose dispatches were reported on. */
  readonly reports: ReadonlySet<string>;
  /** Regions that swept. */
  readonly sweeps: ReadonlySet<string>;
  /** Regions whose ingress measured. */
  readonly measured: ReadonlySet<string>;
}

/** Names what must be read before `fold` may run. */
export function touchedBy(facts: readonly Fact[]): Touched {
  const touched = {
    events: new Set<string>(),
    deliveries: new Set<string>(),
    attempted: new Set<string>(),
    resolutions: new Set<string>(),
    discarded: new Set<string>(),
    claimed: new Set<string>(),
    dispatches: new Set<string>(),
    reports: new Set<string>(),
    sweeps: new Set<string>(),
    measured: new Set<string>(),
  };
  for (const fact of facts) touch(touched, fact);
  return touched;
}

type Touching = { readonly [K in keyof Touched]: Set<string> };

function touch(touched: Touching, fact: Fact): void {
  switch (fact.kind) {
    case 'event.accepted':
      return void touched.events.add(fact.fact.eventId);
    case 'event.refused':
      touched.resolutions.add(refusedIdOf(fact));
      return void touched.events.add(refusedIdOf(fact));
    case 'plan.made':
      return touchPlan(touched, fact);
    case 'delivery.attempted':
      touched.attempted.add(fact.fact.deliveryId);
      return touchEnd(touched, fact);
    case 'delivery.refused':
      return touchEnd(touched, fact);
    case 'dead_letter.discarded':
      return touchDiscarded(touched, fact);
    case 'intake.measured':
      return void touched.measured.add(fact.from);
    case 'takeover.claimed':
      for (const deliveryId of fact.fact.deliveryIds) touched.claimed.add(deliveryId);
      return;
    default:
      return touchDispatch(touched, fact);
  }
}

function touchPlan(touched: Touching, { fact }: FactOf<'plan.made'>): void {
  touched.events.add(fact.event.eventId);
  for (const { deliveryId, replayOf } of fact.deliveries) {
    touched.deliveries.add(deliveryId);
    touched.attempted.add(deliveryId);
    if (replayOf === undefined) continue;
    touched.deliveries.add(replayOf);
    touched.resolutions.add(replayOf);
  }
}

function touchDiscarded(touched: Touching, { fact }: FactOf<'dead_letter.discarded'>): void {
  for (const id of fact.ids) {
    touched.resolutions.add(id);
    touched.discarded.add(id);
  }
}

function touchEnd(touched: Touching, { fact }: FactOf<'delivery.attempted' | 'delivery.refused'>): void {
  if (endsDispatch(fact)) touched.dispatches.add(fact.eventId);
  if (fact.next.kind === 'dead_lettered' || fact.next.kind === 'denied') touched.resolutions.add(fact.deliveryId);
  touched.deliveries.add(fact.deliveryId);
}

function touchDispatch(touched: Touching, fact: Fact): void {
  switch (fact.kind) {
    case 'dispatch.decided':
      for (const { deliveryId, denied } of fact.fact.targets) {
        if (denied === undefined) continue;
        touched.deliveries.add(deliveryId);
        touched.resolutions.add(deliveryId);
      }
      return void touched.dispatches.add(fact.fact.eventId);
    case 'dispatch.intended':
    case 'dispatch.settled':
    case 'dispatch.ended':
      return void touched.dispatches.add(fact.fact.eventId);
    case 'dispatch.reported':
      return void touched.reports.add(fact.fact.eventId);
    case 'dispatch.swept':
      return void touched.sweeps.add(fact.fact.region);
    default:
      return;
  }
}

/** Whether a fact changes something that somebody looks at: a row, or a job, whose rows are not here. A beat only says that a region lives. */
export const changesAnything = (fact: Fact): boolean =>
  fact.kind !== 'region.beat' && (fact.kind !== 'aside' || fact.fact.jobId !== undefined);

/**
 * Folds a batch of facts, in their order, into the final form of each row and the change of each counter. Pure.
 * However a sequence of facts is cut into batches, the rows and counters come out the same; a fact that comes again changes nothing. The facts of
 * several regions may come in any order between each other: rows and counters come out the same, save for the columns that are this region's own.
 */
export function fold(before: Before, facts: readonly Fact[]): Changes {
  const set = new WorkingSet(before);
  for (const fact of facts) foldOne(set, fact);
  return {
    events: [...set.events.values()],
    renewed: [...set.events.values()].filter((row) => isRenewed(before.events.get(row.id), row)).map(({ id }) => id),
    deliveries: [...set.deliveries.values()],
    attempts: set.attempts,
    revived: [...set.revived],
    deadLetters: [...set.deadLetters.values()],
    groups: groupChangesOf(before, set),
    resolutions: [...set.resolutions.values()],
    instructions: [...set.instructions.values()],
    actions: [...set.actions.values()],
    claims: [...set.claims.values()],
    regionChanges: [...set.regionChanges.values()],
    dispatches: [...set.dispatches.values()],
    targets: set.changedTargets(),
    reports: [...set.reports.values()],
    sweeps: [...set.sweeps.values()],
    intakeMarks: [...set.intakeMarks.values()],
    progress: eventProgressOf(before, set),
    totals: totalsOf(before, set),
    rollups: rollupsOf(before, set),
    schemaCounts: schemaCountsOf(before, set),
    problems: [...set.problems.values()],
  };
}

function foldOne(set: WorkingSet, fact: Fact): void {
  switch (fact.kind) {
    case 'event.accepted':
      return foldAccepted(set, fact);
    case 'event.refused':
      return foldRefused(set, fact);
    case 'plan.made':
      return foldPlan(set, fact);
    case 'delivery.attempted':
      foldAttempted(set, fact);
      return endsDispatch(fact.fact) ? foldProgress(set, fact) : undefined;
    case 'delivery.refused':
      foldDeliveryRefused(set, fact);
      return endsDispatch(fact.fact) ? foldProgress(set, fact) : undefined;
    case 'takeover.claimed':
      foldClaimed(set, fact);
      return foldRegionChange(set, fact);
    case 'takeover.closed':
    case 'region.changed':
    case 'region.spilled':
      return foldRegionChange(set, fact);
    case 'region.beat':
    case 'aside':
      return;
    case 'problem':
      return foldProblem(set, fact);
    default:
      return foldAsked(set, fact);
  }
}

/** What operators did, what an ingress measured, and what is left. */
function foldAsked(
  set: WorkingSet,
  fact:
    | Parameters<typeof foldDispatch>[1]
    | FactOf<'dead_letter.discarded' | 'delivery.instructed' | 'intake.measured' | 'management.acted'>,
): void {
  switch (fact.kind) {
    case 'dead_letter.discarded':
      return foldDiscarded(set, fact);
    case 'delivery.instructed':
      return foldInstructed(set, fact);
    case 'management.acted':
      return foldActed(set, fact);
    case 'intake.measured':
      return foldMeasured(set, fact);
    default:
      return foldDispatch(set, fact);
  }
}

function foldProblem(set: WorkingSet, { origin, atMs, subject, reason }: FactOf<'problem'>): void {
  set.problems.set(`${origin.stream} ${origin.seq}`, { ...origin, at: atMs, subject, reason });
}

/** Columns of an event that only change when more becomes known of it, so that no index on them is written otherwise. */
const IDENTITY = [
  'tenant_id',
  'event_type',
  'source',
  'region',
  'at',
  'correlation_id',
  'ordering_key',
] as const satisfies (keyof EventRow)[];

const isRenewed = (before: EventRow | undefined, row: EventRow): boolean =>
  before !== undefined && IDENTITY.some((column) => before[column] !== row[column]);
