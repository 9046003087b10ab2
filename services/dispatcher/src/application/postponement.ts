import type { DueDelivery } from '@waybill/contracts';
import type { ScheduleDue } from './attempt-ports.ts';
import type { OrderedLanes } from './ordering/ordered-lanes.ts';

export interface PostponementPorts {
  readonly scheduleDue: ScheduleDue;
  readonly lanes: Pick<OrderedLanes, 'parked'>;
  readonly nowMs: () => number;
  /** In [0, 1). */
  readonly random: () => number;
}

/** One that waits for others of its ordering key looks again after a minute or two, later after half an hour: it is woken before. */
const BEHIND_MS = 60_000;
const MOST_DOUBLINGS = 4;

/** A region that is closed asks again after this, and at most so often: a schedule costs it a write. */
const PUT_OFF_MS = 5_000;
const PUT_OFF_SPACING_MS = 1;

/** Has deliveries come back later, each for its own reason and by one schedule. Rejects only when the process stops. */
export class Postponement {
  readonly #ports: PostponementPorts;
  #lastPutOffMs = 0;

  constructor(ports: PostponementPorts) {
    this.#ports = ports;
  }

  /** Has a delivery that the region may not make now come back a little later, without a mark. Many are spread out, so that they cost little. */
  async putOff(due: DueDelivery): Promise<void> {
    const nowMs = this.#ports.nowMs();
    this.#lastPutOffMs = Math.max(nowMs + PUT_OFF_MS, this.#lastPutOffMs + PUT_OFF_SPACING_MS);
    await this.#ports.scheduleDue({ ...due, notBeforeMs: due.notBeforeMs ?? nowMs }, this.#lastPutOffMs);
  }

  /** Want of a place at the endpoint, or its pause. */
  async park(due: DueDelivery, { dueMs, reason }: { dueMs: number; reason?: string }): Promise<void> {
    const nowMs = this.#ports.nowMs();
    // From now on the attempt may be made: by this schedule, or by its plan when that is handed out again.
    const notBeforeMs = due.notBeforeMs ?? nowMs;
    const limited = reason === 'paused' ? { limitedSinceMs: due.limitedSinceMs ?? nowMs } : {};
    await this.#ports.scheduleDue({ ...due, parked: due.parked + 1, notBeforeMs, ...limited }, dueMs);
  }

  /** Others of its ordering key come first. It is woken when its turn comes; should that fail, it comes back by itself. */
  async parkBehind(due: DueDelivery): Promise<void> {
    const { nowMs, random, lanes, scheduleDue } = this.#ports;
    const now = nowMs();
    const behind = due.order?.behind ?? 0;
    // Kept apart from `parked`: when its turn comes, it is new to the endpoint.
    const order = due.order && { ...due.order, waits: true, behind: behind + 1 };
    const dueMs = now + BEHIND_MS * 2 ** Math.min(behind, MOST_DOUBLINGS) * (1 + random());
    // Who is not first was not tried yet: it may wait for days, and what was done meanwhile need not be read again for it.
    await scheduleDue({ ...due, order, notBeforeMs: now }, Math.round(dueMs));
    lanes.parked(due);
  }

  /** The retry that follows from an attempt. */
  retry(due: DueDelivery, dueMs: number): Promise<void> {
    return this.#ports.scheduleDue({ ...due, attempt: due.attempt + 1, parked: 0, notBeforeMs: dueMs }, dueMs);
  }
}
