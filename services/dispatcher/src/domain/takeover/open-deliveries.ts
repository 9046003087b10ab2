import { type DeliveryId, type DueDelivery, type EndpointId, type EventId, type TenantId, timeOfId } from '@waybill/contracts';
import type { KnownAttempt } from '../delivery-task.ts';
import { type Hold, newerHold } from './hold.ts';

/** One delivery as a plan of any region named it. */
export interface PlannedDelivery {
  readonly deliveryId: DeliveryId;
  readonly eventId: EventId;
  readonly tenantId: TenantId;
  readonly endpointId: EndpointId;
  readonly correlationId: string;
  /** The region that wrote the plan, and that region's registry as far as it had seen it. */
  readonly planner: string;
  readonly registryRevision: number;
  /** The region that the plan names. */
  readonly deliverIn: string;
  /** The job that made the plan. */
  readonly replay?: string | undefined;
  readonly order?: DueDelivery['order'];
  /** Where the plan was made, as `traceparent`; absent: not recorded. */
  readonly trace?: string | undefined;
  /** When the plan was made, ms since 1970. */
  readonly madeMs: number;
  /** Where the region that reads this has the plan. */
  readonly position: { readonly stream: string; readonly seq: number };
}

/** A delivery that has no end, and what is known of it. */
export interface OpenDelivery extends PlannedDelivery {
  /** When its event was accepted, or the job made that has it sent again, ms since 1970. */
  readonly eventMs: number;
  /** The newest attempt of any region; undefined: none was made. */
  readonly last: KnownAttempt | undefined;
}

interface Entry {
  readonly plan?: PlannedDelivery | undefined;
  readonly hold?: Hold | undefined;
  readonly last?: KnownAttempt | undefined;
}

/**
 * Nothing is stored about a delivery earlier than so long before its event was accepted, or the job made that sends it again: that is how far the clocks of two regions may differ. All else
 * may arrive in any order and any time later.
 */
export const CLOCK_MARGIN_MS = 60_000;

const NOTHING: Entry = {};

/**
 * Finds the deliveries that one region owes: those it holds, or that a plan gives it and nobody holds, without an end. Facts may be noted in any order.
 * Whoever reads back in time says how far with `settle`; what is then certain is given out and forgotten, so memory holds only what reaches further back:
 * facts about older events, and plans of events whose first minute was not read yet.
 */
export class OpenDeliveries {
  readonly #of: string;
  readonly #entries = new Map<DeliveryId, Entry>();

  constructor(of: string) {
    this.#of = of;
  }

  /** Deliveries that are in memory. */
  get size(): number {
    return this.#entries.size;
  }

  planned(plan: PlannedDelivery): void {
    const entry = this.#entryOf(plan.deliveryId);
    if (entry.plan === undefined || isNewer(plan, entry.plan)) this.#entries.set(plan.deliveryId, { ...entry, plan });
  }

  attempted(deliveryId: DeliveryId, known: KnownAttempt): void {
    const entry = this.#entryOf(deliveryId);
    this.#entries.set(deliveryId, { ...entry, last: newestAttempt(entry.last, known) });
  }

  held(deliveryId: DeliveryId, hold: Hold): void {
    const entry = this.#entryOf(deliveryId);
    this.#entries.set(deliveryId, { ...entry, hold: newerHold(entry.hold, hold) });
  }

  /**
   * Everything that was stored since `sinceMs` (ms since 1970) has been noted: gives out what the region owes of the events that were accepted long
   * enough after that, once, and forgets those events.
   */
  settle(sinceMs: number): OpenDelivery[] {
    const open: OpenDelivery[] = [];
    for (const [deliveryId, entry] of this.#entries) {
      const eventMs = timeOf(deliveryId, entry);
      if (eventMs - CLOCK_MARGIN_MS < sinceMs) continue;
      this.#entries.delete(deliveryId);
      if (entry.plan !== undefined && this.#isOwed(entry)) open.push({ ...entry.plan, eventMs, last: entry.last });
    }
    return open;
  }

  /** When the oldest event was accepted of which something may be owed that is not certain yet; undefined when there is none. */
  get oldestUncertainMs(): number | undefined {
    let oldestMs: number | undefined;
    for (const [deliveryId, entry] of this.#entries) {
      if (entry.plan === undefined || !this.#isOwed(entry)) continue;
      const eventMs = timeOf(deliveryId, entry);
      if (oldestMs === undefined || eventMs < oldestMs) oldestMs = eventMs;
    }
    return oldestMs;
  }

  #isOwed({ plan, hold, last }: Entry): boolean {
    const owner = hold?.by ?? plan?.deliverIn;
    return owner === this.#of && (last === undefined || last.next.kind === 'retry');
  }

  #entryOf(deliveryId: DeliveryId): Entry {
    return this.#entries.get(deliveryId) ?? NOTHING;
  }
}

/** An id of another making says nothing about its time; then its plan must do, which may be later than the event. */
const timeOf = (deliveryId: DeliveryId, { plan }: Entry): number => timeOfId(deliveryId) ?? plan?.madeMs ?? Number.NEGATIVE_INFINITY;

/** Any of several plans will do to send from; the order only has to be the same whatever arrived first. */
function isNewer(one: PlannedDelivery, other: PlannedDelivery): boolean {
  if (one.madeMs !== other.madeMs) return one.madeMs > other.madeMs;
  return `${one.planner} ${one.deliverIn}` > `${other.planner} ${other.deliverIn}`;
}

/** An end is an end, whoever reached it and whichever attempt it was; else the highest attempt counts, and the later retry of two equal ones. */
function newestAttempt(one: KnownAttempt | undefined, other: KnownAttempt): KnownAttempt {
  if (one === undefined) return other;
  if (one.next.kind !== 'retry') return one;
  if (other.next.kind !== 'retry') return other;
  if (one.attempt !== other.attempt) return one.attempt > other.attempt ? one : other;
  return one.next.at > other.next.at ? one : other;
}
