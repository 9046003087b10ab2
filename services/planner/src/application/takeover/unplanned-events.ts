import type { Found, FoundEvent } from '../event-log.ts';
import { PlannedEvents } from '../planned-events.ts';

/** Plans that are remembered though their event has not been met: it lies further back, or was planned by another region that saw it earlier. */
const REMEMBERED_PLANS = 500_000;

/**
 * The events of another region that were met while reading back and forth and not yet found planned. An event and its plans may be noted in any order.
 */
export class UnplannedEvents {
  /** Plans of events, by their sequence in the LOG of the other region. */
  readonly planned = new PlannedEvents(REMEMBERED_PLANS);
  readonly #open = new Map<number, FoundEvent>();

  get size(): number {
    return this.#open.size;
  }

  note(found: Found): void {
    const { seq } = found;
    if (found.kind === 'accepted') {
      if (!this.planned.isWhole(seq)) this.#open.set(seq, found);
      return;
    }
    const open = this.#open.get(seq);
    // Most plans follow their event and are all of it: nothing need be kept, but of runs, which are met twice.
    if (open !== undefined && open.type !== 'run.completed' && isAllOfIt(found)) {
      this.#open.delete(seq);
      return;
    }
    if (found.kind === 'planned') this.planned.notePlan(found.head);
    else this.planned.noteWhole(seq);
    if (this.planned.isWhole(seq)) this.#open.delete(seq);
  }

  /** Those stored before `storedMs`, in the order they were met. */
  storedBefore(storedMs: number): FoundEvent[] {
    return [...this.#open.values()].filter((event) => event.storedMs < storedMs);
  }

  /** Somebody cares for it: this region did, or another one or its own will. */
  settle(seq: number): void {
    this.#open.delete(seq);
  }
}

const isAllOfIt = (found: Found): boolean => found.kind === 'refused' || (found.kind === 'planned' && (found.head.parts ?? 1) === 1);
