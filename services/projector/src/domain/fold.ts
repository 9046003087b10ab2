import { assertNever } from '@waybill/contracts';
import type { Fact } from './fact.ts';
import { foldAttempted, foldDeliveryRefused } from './fold-delivery.ts';
import { foldAccepted, foldPlan, foldRefused, refusedIdOf } from './fold-event.ts';
import { totalsOf } from './totals.ts';
import { type Before, type Changes, WorkingSet } from './working-set.ts';

/** Ids of the rows that a batch may touch, each once. */
export interface Touched {
  readonly events: ReadonlySet<string>;
  readonly deliveries: ReadonlySet<string>;
  /** Those of the deliveries that were attempted: their known attempts must be read too. */
  readonly attempted: ReadonlySet<string>;
}

/** Names what must be read before `fold` may run. */
export function touchedBy(facts: readonly Fact[]): Touched {
  const touched = { events: new Set<string>(), deliveries: new Set<string>(), attempted: new Set<string>() };
  for (const fact of facts) {
    if (fact.kind === 'problem') continue;
    if (fact.kind === 'plan.made') {
      touched.events.add(fact.fact.event.eventId);
      for (const { deliveryId } of fact.fact.deliveries) touched.deliveries.add(deliveryId);
    } else if (fact.kind === 'event.accepted') touched.events.add(fact.fact.eventId);
    else if (fact.kind === 'event.refused') touched.events.add(refusedIdOf(fact));
    else if (fact.kind === 'delivery.attempted' || fact.kind === 'delivery.refused') touched.deliveries.add(fact.fact.deliveryId);
    if (fact.kind === 'delivery.attempted') touched.attempted.add(fact.fact.deliveryId);
  }
  return touched;
}

/**
 * Folds a batch of facts, in their order, into the final form of each row and the change of each counter. Pure.
 * However a sequence of facts is cut into batches, the rows and counters come out the same; a fact that comes again changes nothing.
 */
export function fold(before: Before, facts: readonly Fact[]): Changes {
  const set = new WorkingSet(before);
  for (const fact of facts) foldOne(set, fact);
  return {
    events: [...set.events.values()],
    deliveries: [...set.deliveries.values()],
    attempts: [...set.attempts.values()],
    deadLetters: [...set.deadLetters.values()],
    revived: [...set.revived],
    totals: totalsOf(before, set),
    problems: set.problems,
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
      return foldAttempted(set, fact);
    case 'delivery.refused':
      return foldDeliveryRefused(set, fact);
    case 'region.changed':
    case 'region.beat':
    case 'region.spilled':
    case 'takeover.claimed':
    case 'takeover.closed':
      return;
    case 'problem':
      set.problems.push({ stream: fact.stream, seq: fact.seq, at: fact.atMs, subject: fact.subject, reason: fact.reason });
      return;
    default:
      return assertNever(fact);
  }
}
