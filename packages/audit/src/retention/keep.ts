import { timeOfId } from '@waybill/contracts';
import type { AuditFact, PlannedFact, RefusedFact, TriedFact } from '../facts/audit-fact.ts';
import { Findings } from '../ledger/findings.ts';
import { Ledger } from '../ledger/ledger.ts';

/** Something that old facts are kept for: all from `sinceMs` on (ms since 1970) must stay. */
export interface Hold {
  readonly what: string;
  readonly sinceMs: number;
}

export interface KeepOptions {
  /** Facts from then on stay anyway, ms since 1970. */
  readonly wantedMs: number;
  /** A dead letter that is older has had its stated time, ms since 1970. */
  readonly deadLettersSinceMs: number;
}

/** Something that has no end, and from when on there are facts about it, ms since 1970. */
interface Needed {
  readonly id: string;
  readonly eventId: string;
  readonly sinceMs: number;
}

interface DeadLetter {
  readonly eventId: string;
  readonly atMs: number;
  readonly sinceMs: number;
}

/**
 * Finds what the facts of one region's LOG and PEERS are still needed for: events and deliveries that have no end, and open dead letters within their stated time.
 * What has been redriven or discarded needs nothing. Facts come in any order; those before the ones that are left may be gone. Pure.
 */
export class Keep {
  readonly #options: KeepOptions;
  readonly #ledger: Ledger;
  readonly #deadLetters = new Map<string, DeadLetter>();

  constructor(options: KeepOptions) {
    this.#options = options;
    this.#ledger = new Ledger({ fromMs: 0, toMs: options.wantedMs, keyTtlMs: 0 }, new Findings());
  }

  note(fact: AuditFact): void {
    this.#ledger.note(fact);
    if (fact.kind === 'tried') this.#tried(fact);
    if (fact.kind === 'refused')
      this.#bury(fact.eventId, { eventId: fact.eventId, atMs: fact.storedMs, sinceMs: sinceOf(fact, fact.eventId) });
  }

  /** Call when all facts were noted. At most one of each kind, the oldest. */
  holds(): Hold[] {
    const { events, deliveries, deadLetters } = this.#open();
    return [
      ...oldest(events, (id) => `event ${id} has no end`),
      ...oldest(deliveries, (id) => `delivery ${id} has no end`),
      ...oldest(deadLetters, (id) => `dead letter ${id} is open`),
    ];
  }

  /** The events of all of them. Call when all facts were noted. */
  events(): ReadonlySet<string> {
    const { events, deliveries, deadLetters } = this.#open();
    return new Set([...events, ...deliveries, ...deadLetters].map(({ eventId }) => eventId));
  }

  #open(): Readonly<Record<'events' | 'deliveries' | 'deadLetters', Needed[]>> {
    // What was accepted before the first fact that is left has nothing to be kept.
    const events = [...this.#ledger.events.open()]
      .filter(({ lacks }) => lacks !== 'not_accepted')
      .map((event) => ({ id: event.eventId, eventId: event.eventId, sinceMs: sinceOf(event, event.eventId) }));
    const deliveries = [...this.#ledger.deliveries.open()].flatMap((delivery) => {
      const { deliveryId: id, eventId, plan } = delivery;
      return plan === undefined ? [] : [{ id, eventId, sinceMs: sinceOf(delivery, id, eventId) }];
    });
    const deadLetters = [...this.#deadLetters]
      .filter(([id]) => this.#isOpen(id))
      .map(([id, { eventId, sinceMs }]) => ({ id, eventId, sinceMs }));
    return { events, deliveries, deadLetters };
  }

  #tried(fact: TriedFact): void {
    const { deliveryId, eventId, next } = fact;
    if (next.kind === 'retry') return;
    // Of several ends a success counts; one that was read before keeps a dead letter that is none, which does no harm.
    if (next.kind === 'delivered') this.#deadLetters.delete(deliveryId);
    else this.#bury(deliveryId, { eventId, atMs: fact.storedMs, sinceMs: sinceOf(fact, deliveryId, eventId) });
  }

  #bury(id: string, dead: DeadLetter): void {
    const { wantedMs, deadLettersSinceMs } = this.#options;
    if (dead.sinceMs < wantedMs && dead.atMs >= deadLettersSinceMs) this.#deadLetters.set(id, dead);
  }

  #isOpen(id: string): boolean {
    return !this.#ledger.isSuperseded(id) && !this.#ledger.isDiscarded(id);
  }
}

/** From when on there are facts about something: the earliest time that its ids tell, or else when the fact was stored. */
function sinceOf({ storedMs }: Pick<PlannedFact | RefusedFact, 'storedMs'>, ...ids: readonly string[]): number {
  return Math.min(storedMs, ...ids.map((id) => timeOfId(id) ?? storedMs));
}

function oldest(all: readonly Needed[], inWords: (id: string) => string): Hold[] {
  let first = all[0];
  if (first === undefined) return [];
  for (const one of all) if (one.sinceMs < first.sinceMs) first = one;
  return [{ what: `${inWords(first.id)}${all.length > 1 ? `, nor have ${all.length - 1} younger ones` : ''}`, sinceMs: first.sinceMs }];
}
