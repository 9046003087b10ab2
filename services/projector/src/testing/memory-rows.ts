import { attemptIdOf } from '../domain/fold-delivery.ts';
import type { Fact } from '../domain/fact.ts';
import { fold } from '../domain/fold.ts';
import type { AttemptRow, DeadLetterRow, DeliveryRow, EventRow } from '../domain/rows.ts';

/** Rows kept in memory, changed only by what `fold` says. */
export class MemoryRows {
  readonly events = new Map<string, EventRow>();
  readonly deliveries = new Map<string, DeliveryRow>();
  readonly attempts = new Map<string, AttemptRow>();
  readonly deadLetters = new Map<string, DeadLetterRow>();
  readonly totals = new Map<string, number>();
  problems = 0;

  apply(facts: readonly Fact[]): void {
    const changes = fold({ events: this.events, deliveries: this.deliveries, attempts: new Set(this.attempts.keys()) }, facts);
    for (const row of changes.events) this.events.set(row.id, row);
    for (const row of changes.deliveries) this.deliveries.set(row.id, row);
    for (const row of changes.attempts) this.attempts.set(attemptIdOf(row.delivery_id, row.number), row);
    for (const id of changes.revived) this.deadLetters.delete(id);
    for (const row of changes.deadLetters) this.deadLetters.set(row.id, row);
    for (const { scope, scope_id: id, subject, state, value } of changes.totals) {
      const key = [scope, id, subject, state].join(' ');
      this.totals.set(key, (this.totals.get(key) ?? 0) + value);
    }
    this.problems += changes.problems.length;
  }

  /** Everything, in an order of its own, for comparing. Counters that came back to 0 are as if they had never been. */
  snapshot(): unknown {
    const sorted = (rows: ReadonlyMap<string, unknown>) => [...rows].toSorted(([left], [right]) => (left < right ? -1 : 1));
    const totals = new Map([...this.totals].filter(([, value]) => value !== 0));
    const { events, deliveries, attempts, deadLetters, problems } = this;
    return [...[events, deliveries, attempts, deadLetters, totals].map(sorted), problems];
  }
}
