import type { DeliveryId, DeliveryInstructed, DueDelivery } from '@waybill/contracts';
import type { ScheduleDue } from './attempt-ports.ts';

/** A delivery's pending schedule, and when it was stored, ms since 1970. */
export interface PendingSchedule {
  readonly due: DueDelivery;
  readonly storedMs: number;
}

export interface InstructionsPorts {
  /** The schedule that this region has for a delivery; undefined: none. Rejects only when the process stops. */
  readonly find: (deliveryId: DeliveryId) => Promise<PendingSchedule | undefined>;
  readonly scheduleDue: ScheduleDue;
  readonly nowMs: () => number;
}

interface Waiting {
  readonly fact: DeliveryInstructed;
  readonly untilMs: number;
  lookMs: number;
  pauseMs: number;
}

/** Older ones were acted on, or have met nothing, by a process before this one. */
export const INSTRUCTIONS_SINCE_MS = 3_600_000;
/** A delivery that is just being tried has no schedule: if it is to be tried again, it has one when the attempt is over. */
const LOOK_FOR_MS = 180_000;
const FIRST_PAUSE_MS = 1_000;
/** Bounds the memory; the oldest make room. */
const MOST_WAITING = 10_000;

/**
 * Does what operators ask of deliveries that wait: `retry` has the schedule fire now, `skip` has it fire now with the mark that ends it. Whichever region
 * has the schedule acts; where the delivery ended there is none. Both are one write, and done again after a crash they change nothing: a retry counts only
 * as long as the schedule is older than the instruction, and what was skipped has no schedule. The mark of a skip may be lost to an attempt that began just
 * then, or to who woke it, so it is looked at again until it must have worked.
 */
export class Instructions {
  readonly #ports: InstructionsPorts;
  readonly #waiting = new Map<string, Waiting>();

  constructor(ports: InstructionsPorts) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Notes an instruction; one that is too old counts for nothing. */
  note(fact: DeliveryInstructed): void {
    const nowMs = this.#ports.nowMs();
    if (Date.parse(fact.at) < nowMs - INSTRUCTIONS_SINCE_MS) return;
    const key = `${fact.deliveryId} ${fact.instruction}`;
    this.#waiting.delete(key);
    this.#waiting.set(key, { fact, untilMs: nowMs + LOOK_FOR_MS, lookMs: nowMs, pauseMs: FIRST_PAUSE_MS });
    const [oldest] = this.#waiting.size > MOST_WAITING ? this.#waiting.keys() : [];
    if (oldest !== undefined) this.#waiting.delete(oldest);
  }

  /** Does what can be done now; to be called again and again, never twice at once. Rejects only when the process stops. */
  async step(): Promise<void> {
    for (const [key, waiting] of this.#waiting) {
      const { fact, untilMs, lookMs, pauseMs } = waiting;
      if (this.#ports.nowMs() < lookMs) continue;
      const isDone = await this.#act(fact);
      const nowMs = this.#ports.nowMs();
      if (isDone || nowMs >= untilMs) this.#forget(key, waiting);
      else Object.assign(waiting, { lookMs: nowMs + pauseMs, pauseMs: pauseMs * 2 });
    }
  }

  /** A newer instruction may have come in meanwhile. */
  #forget(key: string, waiting: Waiting): void {
    if (this.#waiting.get(key) === waiting) this.#waiting.delete(key);
  }

  async #act({ deliveryId, instruction, at }: DeliveryInstructed): Promise<boolean> {
    const { find, scheduleDue, nowMs } = this.#ports;
    const pending = await find(deliveryId);
    if (pending === undefined) return false;
    const { due, storedMs } = pending;
    if (due.skip === true) return instruction === 'retry';
    // It was tried, or came up, after the operator had asked.
    if (instruction === 'retry' && storedMs > Date.parse(at)) return true;
    // From now on it may be made, so facts from now on say something about it.
    const now = nowMs();
    const sooner = { ...due, notBeforeMs: Math.min(due.notBeforeMs ?? now, now) };
    await scheduleDue(instruction === 'skip' ? { ...sooner, skip: true } : sooner, now);
    return instruction === 'retry';
  }
}
