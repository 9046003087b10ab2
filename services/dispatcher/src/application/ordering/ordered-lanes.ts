import type { DeliveryId, DueDelivery } from '@waybill/contracts';
import { LaneIndex, placeOf } from '../../domain/ordering/lane-index.ts';
import type { Memory } from '../attempt-delivery.ts';

/** Visits deliveries with an order. */
export type ReadOrdered = (visit: (due: DueDelivery) => void) => Promise<void>;

export interface OrderedLanesPorts {
  readonly memory: Pick<Memory, 'of'>;
  /** Those that have a schedule, or whose schedule fired. Rejects only when the process stops. */
  readonly readScheduled: ReadOrdered;
  /** Those whose plans were handed out and not settled, and others that may have ended. Rejects only when the process stops. */
  readonly readHandedOut: ReadOrdered;
  /** Whether order matters to its endpoint, as far as that is known. */
  readonly isWanted: (due: DueDelivery) => boolean;
  /** Has a delivery's schedule fire now; nothing when it has none. Rejects only when the process stops. */
  readonly wake: (deliveryId: DeliveryId) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
  /** Deliveries that may wait in memory, with their messages held. */
  readonly mayWait: number;
  readonly waitMs: number;
  /** Calls after so long, unless it is called off by what this returns. */
  readonly after: (ms: number, call: () => void) => () => void;
}

/** Whether a delivery may start. `behind`: another one comes first; `stopped`: the process stops. */
export type Turn = 'go' | 'behind' | 'stopped';

interface Waiter {
  readonly answer: (turn: Turn) => void;
  readonly callOff: () => void;
}

/**
 * So many are woken ahead of their turn: a schedule takes about a second to fire, and they wait for one another in memory. Where they wait in vain, because
 * the receiver is slow or too many wait, it begins with one and doubles: each costs a few writes.
 */
const AHEAD = 16;

/**
 * Lets the deliveries of one endpoint and ordering key start one at a time, in the order in which their region accepted their events, across retries and
 * restarts. Who is not first waits a moment in memory, if the first one is in hand, and is else parked as a schedule until its turn; when a delivery ends,
 * the next ones are woken. Nothing starts before all that is open is known again.
 *
 * The limits: (1) Between events that different regions accepted there is no order. (2) What a job sends again has none. (3) While a region fails over or
 * comes back, what was planned in its place may arrive in another order, and what it has in hand is delivered beside what others already do. (4) One process
 * delivers for a region: two of them know nothing of each other's lanes.
 */
export class OrderedLanes {
  readonly #ports: OrderedLanesPorts;
  readonly #index = new LaneIndex();
  /** Their messages are being worked on. */
  readonly #inHand = new Set<DeliveryId>();
  /** Put off because another one comes first, and not woken since. */
  readonly #parked = new Set<DeliveryId>();
  readonly #waiting = new Map<DeliveryId, Waiter>();
  /** Lanes in which fewer are woken at once than usual. */
  readonly #ahead = new Map<string, number>();
  /** Known from a plan only: they are handed out again, unless they ended and that was forgotten. */
  readonly #onlyPlanned = new Set<DeliveryId>();
  /** Those of them that were there at the last look. */
  #overdue: ReadonlySet<DeliveryId> = new Set();
  readonly #loaded = Promise.withResolvers<void>();
  /** What has to be known before anybody starts. */
  #known: Promise<void> = this.#loaded.promise;
  /** Set while all that is open is read: what was said of meanwhile. */
  #touched: Set<DeliveryId> | undefined;
  #isStopped = false;

  constructor(ports: OrderedLanesPorts) {
    this.#ports = ports;
    this.#loaded.promise.catch(() => undefined);
  }

  /** Deliveries with an order that have no end. */
  get size(): number {
    return this.#index.size;
  }

  /** Reads all that is open; until then nobody starts. To be called before any work is taken. */
  async load(): Promise<void> {
    try {
      await this.#read(true);
      this.#loaded.resolve();
    } catch (error) {
      this.#loaded.reject(error);
      throw error;
    }
  }

  /**
   * To be called when a connection is back: what was on its way comes again, but after what is newer. Until that is known, and `remembered` what was done,
   * nobody starts. Rejects only when the process stops.
   */
  recall(remembered: Promise<void>): Promise<void> {
    const recalled = Promise.all([this.#known, remembered]).then(() => this.#ports.readHandedOut((due) => this.#expect(due)));
    this.#known = recalled;
    recalled.catch(() => undefined);
    return recalled;
  }

  /** Reads all that is open anew and forgets what is not, so that nothing that was lost keeps a lane closed. Cheap when nobody waits. */
  async verify(): Promise<void> {
    if (this.#touched !== undefined || !this.#index.hasFollowers) return;
    await this.#read();
    for (const deliveryId of this.#overdue) if (this.#onlyPlanned.has(deliveryId)) this.#drop(deliveryId);
    this.#overdue = new Set(this.#onlyPlanned);
  }

  /** Notes a delivery before its schedule is stored. */
  note(due: DueDelivery): void {
    if (!this.#add(due)) return;
    this.#touched?.add(due.deliveryId);
    this.#onlyPlanned.delete(due.deliveryId);
  }

  /** A message about this delivery is taken in hand. To be called in the order in which the messages come, and before anything is waited for. */
  enter(due: DueDelivery): void {
    if (due.order === undefined) return;
    this.note(due);
    this.#inHand.add(due.deliveryId);
    this.#parked.delete(due.deliveryId);
  }

  /** The message is settled, or given back. */
  leave({ deliveryId, order }: DueDelivery): void {
    if (order === undefined) return;
    this.#inHand.delete(deliveryId);
    this.#touched?.add(deliveryId);
    const lane = this.#index.laneOf(deliveryId);
    if (lane !== undefined && this.#index.firstOf(lane, 1)[0] === deliveryId) this.#sendAway(lane);
  }

  /** Waits for the turn of a delivery that was entered, a moment at most. */
  async turn(due: DueDelivery): Promise<Turn> {
    await this.#known;
    if (this.#isStopped) return 'stopped';
    // The endpoint may have been known only now.
    this.note(due);
    const { deliveryId } = due;
    const lane = this.#index.laneOf(deliveryId);
    if (lane === undefined) return 'go';
    const first = this.#firstOf(lane);
    if (first === undefined || first === deliveryId) return 'go';
    const { mayWait, waitMs, after } = this.#ports;
    if (!this.#inHand.has(first)) return 'behind';
    if (this.#waiting.size >= mayWait) return this.#inVain(lane);
    return new Promise((answer) => {
      const callOff = after(waitMs, () => this.#answer(deliveryId, this.#inVain(lane)));
      this.#waiting.set(deliveryId, { answer, callOff });
    });
  }

  /** Whether another one comes first that is not in hand, so that nothing is to be had by waiting a moment. */
  isFarBehind({ deliveryId }: DueDelivery): boolean {
    const lane = this.#index.laneOf(deliveryId);
    const first = lane === undefined ? undefined : this.#firstOf(lane);
    return first !== undefined && first !== deliveryId && !this.#inHand.has(first);
  }

  /** The schedule of a delivery that was told `behind` is stored. */
  parked({ deliveryId }: DueDelivery): void {
    const lane = this.#index.laneOf(deliveryId);
    if (lane === undefined) return;
    this.#parked.add(deliveryId);
    // Its turn may have come while it was stored.
    if (this.#index.firstOf(lane, 1)[0] === deliveryId) this.#wake(deliveryId);
  }

  /** The delivery is done with for now: if it has its end, the next one goes. */
  over({ deliveryId, order }: DueDelivery): void {
    if (order === undefined || !this.#hasEnded(deliveryId)) return;
    this.#touched?.add(deliveryId);
    this.#drop(deliveryId);
  }

  /** Nobody starts any more. */
  stop(): void {
    this.#isStopped = true;
    for (const deliveryId of this.#waiting.keys()) this.#answer(deliveryId, 'stopped');
  }

  #hasEnded(deliveryId: DeliveryId): boolean {
    const known = this.#ports.memory.of(deliveryId);
    return known !== undefined && known.next.kind !== 'retry';
  }

  async #read(isFirst = false): Promise<void> {
    const touched = new Set<DeliveryId>();
    this.#touched = touched;
    try {
      const before = this.#index.deliveryIds.filter((deliveryId) => !this.#inHand.has(deliveryId));
      const open = new Set<DeliveryId>();
      await this.#ports.readScheduled((due) => {
        open.add(due.deliveryId);
        if (!touched.has(due.deliveryId)) this.#noteScheduled(due);
      });
      await this.#ports.readHandedOut((due) => {
        open.add(due.deliveryId);
        if (isFirst && !touched.has(due.deliveryId)) this.#expect(due);
      });
      for (const deliveryId of before) {
        const isLost = !open.has(deliveryId) && !touched.has(deliveryId);
        if ((isLost || this.#hasEnded(deliveryId)) && !this.#inHand.has(deliveryId)) this.#drop(deliveryId);
      }
    } finally {
      this.#touched = undefined;
    }
    // A process that died may have ended one and not woken the next.
    for (const deliveryId of this.#index.firsts()) if (this.#parked.has(deliveryId)) this.#wake(deliveryId);
  }

  /** Gives a delivery its place, unless it has ended or needs none. */
  #add(due: DueDelivery): boolean {
    const place = placeOf(due);
    if (place === undefined || this.#hasEnded(due.deliveryId) || !this.#ports.isWanted(due)) return false;
    this.#index.add(place);
    return true;
  }

  #noteScheduled(due: DueDelivery): void {
    if (!this.#add(due)) return;
    this.#onlyPlanned.delete(due.deliveryId);
    if (due.order?.waits === true && !this.#inHand.has(due.deliveryId)) this.#parked.add(due.deliveryId);
  }

  #expect(due: DueDelivery): void {
    const isNew = this.#index.laneOf(due.deliveryId) === undefined;
    if (isNew && this.#add(due)) this.#onlyPlanned.add(due.deliveryId);
  }

  #drop(deliveryId: DeliveryId): void {
    const lane = this.#index.remove(deliveryId);
    this.#parked.delete(deliveryId);
    this.#onlyPlanned.delete(deliveryId);
    if (lane === undefined) return;
    const ahead = this.#ahead.get(lane) ?? AHEAD;
    const next = this.#index.firstOf(lane, ahead);
    if (next.length === 0 || ahead * 2 >= AHEAD) this.#ahead.delete(lane);
    else this.#ahead.set(lane, ahead * 2);
    if (next[0] !== undefined) this.#answer(next[0], 'go');
    for (const one of next) if (this.#parked.has(one)) this.#wake(one);
  }

  /** Who is first in a lane, without those that another region has meanwhile: their schedules may lie far ahead. */
  #firstOf(lane: string): DeliveryId | undefined {
    for (;;) {
      const [first] = this.#index.firstOf(lane, 1);
      if (first === undefined || this.#inHand.has(first) || !this.#hasEnded(first)) return first;
      this.#drop(first);
    }
  }

  #inVain(lane: string): Turn {
    this.#ahead.set(lane, 1);
    return 'behind';
  }

  /** The first one has to be waited for longer than a moment. */
  #sendAway(lane: string): void {
    if (this.#waiting.size === 0) return;
    for (const deliveryId of this.#waiting.keys()) if (this.#index.laneOf(deliveryId) === lane) this.#answer(deliveryId, 'behind');
  }

  #answer(deliveryId: DeliveryId, turn: Turn): void {
    const waiter = this.#waiting.get(deliveryId);
    if (waiter === undefined) return;
    this.#waiting.delete(deliveryId);
    waiter.callOff();
    waiter.answer(turn);
  }

  #wake(deliveryId: DeliveryId): void {
    this.#parked.delete(deliveryId);
    this.#ports.wake(deliveryId).catch((error: unknown) => this.#ports.onFailure(error));
  }
}
