import type { DeliveryId } from '@waybill/contracts';
import type { KnownAttempt } from '../domain/delivery-task.ts';

/**
 * Reads this service's own facts that unsettled work may already have produced, oldest first: those since `sinceMs`, or by itself as far back as
 * unsettled work goes. Resolves with the time (ms since 1970) from which on nothing was left out.
 */
export type ReadOwnFacts = (visit: (deliveryId: DeliveryId, known: KnownAttempt) => void, sinceMs?: number) => Promise<number>;

/** The clocks of this machine and of the server that stamps facts may differ by so much. */
const CLOCK_MARGIN_MS = 5_000;

/** What was read at a start is bounded too: a floor that stands still for hours must not fill the memory. */
const MAX_RECOVERED = 1_000_000;

/**
 * What this service did lately, by delivery: the memory behind the restart rule. Work is handed out again after a crash, a lost connection or a
 * late ack; what is found here is not done again. The Msg-Id window of the LOG covers a minute only, this covers everything unsettled.
 */
export class OwnOutput {
  readonly #known = new Map<DeliveryId, KnownAttempt>();
  /** Stands at the oldest entry: a new iterator would walk over all that were removed in front of it (60 against 1 µs with 50,000 entries). */
  readonly #oldest = this.#known.keys();
  #capacity: number;
  #ready: Promise<void> = Promise.resolve();
  #coveredSinceMs = Number.POSITIVE_INFINITY;

  constructor(capacity = 50_000) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#known.size;
  }

  of(deliveryId: DeliveryId): KnownAttempt | undefined {
    return this.#known.get(deliveryId);
  }

  /** Remembers an attempt. An earlier attempt than the one known changes nothing; the oldest entries make room. */
  remember(deliveryId: DeliveryId, known: KnownAttempt): void {
    const before = this.#known.get(deliveryId);
    if (before !== undefined && before.attempt > known.attempt) return;
    this.#known.delete(deliveryId);
    this.#known.set(deliveryId, known);
    if (this.#known.size <= this.#capacity) return;
    const { value: oldest } = this.#oldest.next();
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  /** Reads the own facts anew. Until that is over `ready` waits, so that no work is judged by half a memory. */
  recover(read: ReadOwnFacts, sinceMs?: number): Promise<void> {
    const recovering = this.#ready.catch(() => undefined).then(() => this.#recover(read, sinceMs));
    this.#ready = recovering;
    return recovering;
  }

  /**
   * Makes sure that everything since `sinceMs` is known, reading further back when it is not. A schedule can fire again long after its attempt was
   * made (a kill of the server, a plan that was handed out twice), and then the reading at the start may have begun after that attempt.
   */
  async cover(read: ReadOwnFacts, sinceMs: number): Promise<void> {
    await this.#ready;
    const fromMs = sinceMs - CLOCK_MARGIN_MS;
    if (fromMs < this.#coveredSinceMs) await this.recover(read, fromMs);
  }

  /** Resolves when everything known is in memory; rejects when the newest reading was given up. */
  ready(): Promise<void> {
    return this.#ready;
  }

  async #recover(read: ReadOwnFacts, sinceMs?: number): Promise<void> {
    // Several fired schedules may have asked for the same stretch while they waited for their turn.
    if (sinceMs !== undefined && sinceMs >= this.#coveredSinceMs) return;
    const usual = this.#capacity;
    this.#capacity = MAX_RECOVERED;
    try {
      const coveredMs = await read((deliveryId, known) => this.remember(deliveryId, known), sinceMs);
      this.#coveredSinceMs = Math.min(this.#coveredSinceMs, coveredMs);
    } finally {
      this.#capacity = Math.max(usual, this.#known.size);
    }
  }
}
