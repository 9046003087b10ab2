import type { DeliveryId, PlanHead } from '@waybill/contracts';

/** What was planned of an event that is not known to be planned as a whole. */
export interface PartlyPlanned {
  readonly regions: readonly string[];
  readonly deliveryIds: ReadonlySet<DeliveryId>;
}

interface Parts {
  readonly plans: Map<string, PlanHead>;
  wanted: number;
}

/**
 * What has been planned or refused, by the sequence of the accepted event in its region's LOG. An event is planned as a whole when all plans were seen
 * that its plans speak of (`parts`). The oldest entries make room beyond `capacity`.
 */
export class PlannedEvents {
  readonly #events = new Map<number, Parts | 'whole'>();
  /** Stands at the oldest entry: a new iterator would walk over all that were removed in front of it. */
  readonly #oldest = this.#events.keys();
  readonly #usual: number;
  #capacity: number;

  constructor(capacity: number) {
    this.#usual = capacity;
    this.#capacity = capacity;
  }

  isWhole(seq: number): boolean {
    return this.#events.get(seq) === 'whole';
  }

  partOf(seq: number): PartlyPlanned | undefined {
    const known = this.#events.get(seq);
    if (known === undefined || known === 'whole') return undefined;
    const heads = [...known.plans.values()];
    return {
      regions: heads.map(({ region }) => region),
      deliveryIds: new Set(heads.flatMap(({ deliveries }) => deliveries.map(({ deliveryId }) => deliveryId))),
    };
  }

  /** Notes one plan; the same one again changes nothing. */
  notePlan(head: PlanHead): void {
    const { acceptedSeq: seq, parts: wanted = 1 } = head;
    const known = this.#events.get(seq);
    if (known === 'whole') return;
    if (known === undefined && wanted === 1) return this.noteWhole(seq);
    const parts = known ?? { plans: new Map<string, PlanHead>(), wanted };
    parts.plans.set(keyOf(head), head);
    parts.wanted = Math.max(parts.wanted, wanted);
    this.#set(seq, parts.plans.size >= parts.wanted ? 'whole' : parts);
  }

  /** Notes what was read of the time before: so much more is kept from now on, for all of it may be asked for. Sorted by sequence, so that the oldest goes first. */
  recover(found: readonly (PlanHead | number)[]): void {
    this.#capacity = Math.max(this.#capacity, this.#usual + found.length);
    for (const one of found.toSorted((left, right) => seqOf(left) - seqOf(right))) {
      if (typeof one === 'number') this.noteWhole(one);
      else this.notePlan(one);
    }
  }

  /** Notes that nothing is left to do for an event. */
  noteWhole(seq: number): void {
    this.#set(seq, 'whole');
  }

  #set(seq: number, what: Parts | 'whole'): void {
    this.#events.set(seq, what);
    if (this.#events.size <= this.#capacity) return;
    const { value: oldest } = this.#oldest.next();
    if (oldest !== undefined) this.#events.delete(oldest);
  }
}

const seqOf = (one: PlanHead | number): number => (typeof one === 'number' ? one : one.acceptedSeq);

/** A region may get a second plan of an event, for what was missing when the planner died; the deliveries tell them apart. */
const keyOf = ({ region, deliveries }: PlanHead): string => `${region} ${deliveries[0]?.deliveryId ?? ''}`;
