import { laneOfOwner } from '../../domain/dispatch/dispatch-endpoint.ts';
import type { EndpointGate } from '../endpoint-gate.ts';
import type { Turn } from './report-ports.ts';

export interface ReportLaneParts {
  readonly gate: Pick<EndpointGate, 'enter' | 'isAwaited'>;
  readonly writesPerSecond: number;
  readonly nowMs: () => number;
}

/** How long dispatches go first; then a report asks like everybody, so that it is late, but not for ever. */
const PATIENCE_MS = 60_000;
const AGAIN_MS = 1_000;

/** Asks for turns in the lane that reports share with the dispatches through the same installation. Dispatches go first. */
export class ReportLane {
  readonly #parts: ReportLaneParts;
  /** Since when an owner's reports stand back. */
  readonly #sinceMs = new Map<string, number>();
  /** How often an owner's newest ask was put off with a turn of its own. */
  readonly #parked = new Map<string, number>();

  constructor(parts: ReportLaneParts) {
    this.#parts = parts;
  }

  /** The turn of one write. One ask an owner at a time. */
  async enter(owner: string): Promise<Turn> {
    const { gate, writesPerSecond: rateLimit, nowMs } = this.#parts;
    const endpointId = laneOfOwner(owner);
    const parked = this.#parked.get(owner) ?? 0;
    if (parked === 0 && gate.isAwaited(endpointId) && this.#standsBack(owner)) return { kind: 'later', dueMs: nowMs() + AGAIN_MS };
    const admission = await gate.enter({ endpointId, priority: 'retry', rateLimit, parked });
    if (admission.kind === 'parked') {
      this.#parked.set(owner, parked + 1);
      return { kind: 'later', dueMs: admission.dueMs };
    }
    this.#parked.delete(owner);
    this.#sinceMs.delete(owner);
    // How reports fare says nothing of dispatches: a missing permission must not open the circuit of the lane.
    return admission.kind === 'admitted' ? { kind: 'go', leave: () => void admission.leave('untried') } : admission;
  }

  #standsBack(owner: string): boolean {
    const now = this.#parts.nowMs();
    const since = this.#sinceMs.get(owner) ?? now;
    this.#sinceMs.set(owner, since);
    return now - since < PATIENCE_MS;
  }
}
