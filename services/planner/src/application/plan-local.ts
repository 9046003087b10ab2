import type { AcceptedEvent } from './append-plans.ts';
import type { EventLog, FoundEvent } from './event-log.ts';
import { inSlices } from './in-slices.ts';
import { isPassing } from './passing-failure.ts';
import type { PlannedEvents } from './planned-events.ts';

export interface LocalPlanningPorts {
  /** The strict tenants' events in the own LOG. */
  readonly log: Pick<EventLog, 'scan' | 'read'>;
  readonly planned: PlannedEvents;
  /** Plans one event; resolves false when it has to be tried again. */
  readonly plan: (event: AcceptedEvent) => Promise<boolean>;
  /** An event that cannot be handled here; the consumer's handler will try it, and give it an end. */
  readonly onUnplannable: (event: AcceptedEvent, error: unknown) => void;
  /** Those for which this says no are left for a later pass, without holding up the others; then nothing does. Absent: for events that wait for nothing. */
  readonly isDue?: ((event: FoundEvent) => boolean) | undefined;
}

const CONCURRENCY = 64;

/**
 * Plans the strict tenants' events by reading the LOG, while the consumer that hands out all tenants' events must not be read. The consumer hands them out
 * again later; then they are recognised.
 */
export class LocalPlanning {
  readonly #ports: LocalPlanningPorts;
  #nextSeq = 1;
  /** Those that cannot be handled here. */
  readonly #left = new Set<number>();

  constructor(ports: LocalPlanningPorts) {
    this.#ports = ports;
  }

  /** Begins anew at the first event that may not be planned. */
  startAt(seq: number): void {
    this.#nextSeq = seq;
    this.#left.clear();
  }

  /** Plans what has come in. An event that must be tried again holds up those behind it until the next pass. */
  async pass(): Promise<void> {
    const events: FoundEvent[] = [];
    await this.#ports.log.scan({ fromSeq: this.#nextSeq }, (found) => {
      if (found.kind === 'accepted') events.push(found);
    });
    const { isDue } = this.#ports;
    let isStuck = false;
    await inSlices(events, CONCURRENCY, async (event) => {
      if (isStuck && isDue === undefined) return;
      if (isDue?.(event) === false || !(await this.#plan(event))) isStuck = true;
    });
    if (!isStuck) this.#nextSeq = Math.max(this.#nextSeq, (events.at(-1)?.seq ?? 0) + 1);
  }

  async #plan(found: FoundEvent): Promise<boolean> {
    if (this.#ports.planned.isWhole(found.seq) || this.#left.has(found.seq)) return true;
    const event = await this.#ports.log.read(found);
    if (event === undefined) return true;
    try {
      return await this.#ports.plan(event);
    } catch (error) {
      if (isPassing(error)) throw error;
      this.#left.add(found.seq);
      this.#ports.onUnplannable(event, error);
      return true;
    }
  }
}
