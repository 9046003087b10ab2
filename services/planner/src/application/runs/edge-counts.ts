import type { EventId } from '@waybill/contracts';
import type { Edge } from '@waybill/dispatching';
import { BoundedMap } from '../bounded-map.ts';

const WINDOW_MS = 10 * 60_000;
const MAX_EDGES = 50_000;

interface Counted {
  readonly eventId: EventId;
  readonly atMs: number;
}

/** Dispatches of the last ten minutes, by source workflow and target workflow. */
export class EdgeCounts {
  /** By edge, and there by key of the dispatch. */
  readonly #edges = new BoundedMap<string, Map<string, Counted>>(MAX_EDGES);

  /** Counts one dispatch; the same one again changes nothing. */
  note(edge: Edge, dispatchKey: string, counted: Counted): void {
    const key = keyOf(edge);
    const dispatches = this.#edges.get(key) ?? new Map<string, Counted>();
    dispatches.set(dispatchKey, counted);
    for (const [id, { atMs }] of dispatches) {
      if (atMs > counted.atMs - WINDOW_MS) break;
      dispatches.delete(id);
    }
    if (dispatches.size === 1) this.#edges.set(key, dispatches);
  }

  /** Those in the window, without what was counted for `eventId` itself. */
  count(edge: Edge, eventId: EventId, nowMs: number): number {
    let count = 0;
    for (const counted of this.#edges.get(keyOf(edge))?.values() ?? []) {
      if (counted.atMs > nowMs - WINDOW_MS && counted.eventId !== eventId) count += 1;
    }
    return count;
  }
}

const keyOf = ({ source, target }: Edge): string => `${source} ${target}`;
