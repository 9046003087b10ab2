import type { AttemptRow, DeadLetterRow, DeliveryRow, EventRow, ProblemRow, TotalChange } from './rows.ts';

/** The rows that a batch may touch, as the store holds them. `attempts` names those that exist, by `attemptIdOf`. */
export interface Before {
  readonly events: ReadonlyMap<string, EventRow>;
  readonly deliveries: ReadonlyMap<string, DeliveryRow>;
  readonly attempts: ReadonlySet<string>;
}

/** What a batch changes: each row once, in its final form. */
export interface Changes {
  readonly events: readonly EventRow[];
  readonly deliveries: readonly DeliveryRow[];
  readonly attempts: readonly AttemptRow[];
  readonly deadLetters: readonly DeadLetterRow[];
  /** Ids of dead letters that are none any more. */
  readonly revived: readonly string[];
  readonly totals: readonly TotalChange[];
  readonly problems: readonly ProblemRow[];
}

/** The rows while a batch is folded: what the store had, under what the batch made of it. */
export class WorkingSet {
  readonly #before: Before;
  readonly events = new Map<string, EventRow>();
  readonly deliveries = new Map<string, DeliveryRow>();
  readonly attempts = new Map<string, AttemptRow>();
  readonly deadLetters = new Map<string, DeadLetterRow>();
  readonly revived = new Set<string>();
  readonly problems: ProblemRow[] = [];

  constructor(before: Before) {
    this.#before = before;
  }

  event(id: string): EventRow | undefined {
    return this.events.get(id) ?? this.#before.events.get(id);
  }
  delivery(id: string): DeliveryRow | undefined {
    return this.deliveries.get(id) ?? this.#before.deliveries.get(id);
  }
  hasAttempt(id: string): boolean {
    return this.attempts.has(id) || this.#before.attempts.has(id);
  }
  setEvent(row: EventRow): void {
    this.events.set(row.id, row);
  }
  setDelivery(row: DeliveryRow): void {
    this.deliveries.set(row.id, row);
  }
  bury(row: DeadLetterRow): void {
    this.revived.delete(row.id);
    this.deadLetters.set(row.id, row);
  }
  revive(id: string): void {
    this.deadLetters.delete(id);
    this.revived.add(id);
  }
}
