import type { DeliveryId, DueDelivery } from '@waybill/contracts';
import { LaneIndex, placeOf } from '../../domain/ordering/lane-index.ts';
import type { Memory } from '../attempt-delivery.ts';

/** Visits every delivery with an order that has no end: what is scheduled, what fired, and what is planned and not settled. */
export type ReadOpenOrdered = (visit: (due: DueDelivery) => void) => Promise<void>;

export interface OrderedLanesPorts {
  readonly memory: Pick<Memory, 'of'>;
  /** Rejects only when the process stops. */
  readonly readOpen: ReadOpenOrdered;
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

/** So many are woken ahead of their turn: a schedule takes about a second to fire, and they wait for one another in memory. */
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
  readonly #loaded = Promise.withResolvers<void>();
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
      await this.#read();
      this.#loaded.resolve();
    } catch (error) {
      this.#loaded.reject(error);
      throw error;
    }
  }

  /** Reads all that is open anew and forgets what is not, so that nothing that was lost keeps a lane closed. Cheap when nobody waits. */
  async verify(): Promise<void> {
    if (this.#touched !== undefined || !this.#index.hasFollowers) return;
    await this.#read();
  }

  /** Notes a delivery before its schedule is stored. */
  note(due: DueDelivery): void {
    const place = placeOf(due);
    if (place === undefined || this.#hasEnded(due.deliveryId)) return;
    this.#touched?.add(due.deliveryId);
    this.#index.add(place);
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
  async turn({ deliveryId }: DueDelivery): Promise<Turn> {
    await this.#loaded.promise;
    if (this.#isStopped) return 'stopped';
    const lane = this.#index.laneOf(deliveryId);
    const [first] = lane === undefined ? [] : this.#index.firstOf(lane, 1);
    if (first === undefined || first === deliveryId) return 'go';
    const { mayWait, waitMs, after } = this.#ports;
    if (!this.#inHand.has(first) || this.#waiting.size >= mayWait) return 'behind';
    return new Promise((answer) => {
      const callOff = after(waitMs, () => this.#answer(deliveryId, 'behind'));
      this.#waiting.set(deliveryId, { answer, callOff });
    });
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

  async #read(): Promise<void> {
    const touched = new Set<DeliveryId>();
    this.#touched = touched;
    try {
      const before = this.#index.deliveryIds.filter((deliveryId) => !this.#inHand.has(deliveryId));
      const open = new Set<DeliveryId>();
      await this.#ports.readOpen((due) => {
        open.add(due.deliveryId);
        if (!touched.has(due.deliveryId)) this.#noteOpen(due);
      });
      for (const deliveryId of before) {
        if (!open.has(deliveryId) && !touched.has(deliveryId) && !this.#inHand.has(deliveryId)) this.#drop(deliveryId);
      }
    } finally {
      this.#touched = undefined;
    }
    // A process that died may have ended one and not woken the next.
    for (const deliveryId of this.#index.firsts()) if (this.#parked.has(deliveryId)) this.#wake(deliveryId);
  }

  #noteOpen(due: DueDelivery): void {
    const place = placeOf(due);
    if (place === undefined || this.#hasEnded(due.deliveryId)) return;
    this.#index.add(place);
    if (due.order?.waits === true && !this.#inHand.has(due.deliveryId)) this.#parked.add(due.deliveryId);
  }

  #drop(deliveryId: DeliveryId): void {
    const lane = this.#index.remove(deliveryId);
    this.#parked.delete(deliveryId);
    if (lane === undefined) return;
    const next = this.#index.firstOf(lane, AHEAD);
    if (next[0] !== undefined) this.#answer(next[0], 'go');
    for (const one of next) if (this.#parked.has(one)) this.#wake(one);
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
