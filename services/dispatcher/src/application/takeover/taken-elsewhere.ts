import type { DeliveryId } from '@waybill/contracts';
import type { KnownAttempt } from '../../domain/delivery-task.ts';
import type { Memory } from '../attempt-delivery.ts';

/** As far as this region is concerned the delivery is over: whatever still asks for it, a plan or a schedule, finds nothing left to do. */
const OVER: KnownAttempt = { attempt: Number.MAX_SAFE_INTEGER, next: { kind: 'delivered' } };

/**
 * The memory of what was done, with what other regions do in this one's place laid over it. It is kept apart from own output, which forgets the oldest
 * and never takes anything back: what another region holds must not be forgotten, and may come back to this region by a claim.
 */
export class TakenElsewhere implements Memory {
  readonly #own: Memory;
  #held: ReadonlySet<DeliveryId> = new Set();
  readonly #ended = new Set<DeliveryId>();
  #claimedBack = new Set<DeliveryId>();
  /** Set while `holdAs` reads. */
  #claimedMeanwhile: Set<DeliveryId> | undefined;

  constructor(own: Memory) {
    this.#own = own;
  }

  of(deliveryId: DeliveryId): KnownAttempt | undefined {
    return this.has(deliveryId) ? OVER : this.#own.of(deliveryId);
  }
  remember(deliveryId: DeliveryId, known: KnownAttempt): void {
    this.#own.remember(deliveryId, known);
  }

  has(deliveryId: DeliveryId): boolean {
    return this.#ended.has(deliveryId) || (this.#held.has(deliveryId) && !this.#claimedBack.has(deliveryId));
  }

  /** Sets anew what other regions hold, as `read` finds it. What this region claims while that is being read stays its own. */
  async holdAs(read: () => Promise<ReadonlySet<DeliveryId>>): Promise<void> {
    const meanwhile = new Set<DeliveryId>();
    this.#claimedMeanwhile = meanwhile;
    this.#held = await read();
    this.#claimedBack = meanwhile;
    this.#claimedMeanwhile = undefined;
  }

  /** Another region brought it to its end, though this one has it. */
  end(deliveryId: DeliveryId): void {
    this.#ended.add(deliveryId);
  }

  /** This region claimed it: it is its to deliver again. */
  claimBack(deliveryId: DeliveryId): void {
    this.#ended.delete(deliveryId);
    if (this.#held.has(deliveryId)) this.#claimedBack.add(deliveryId);
    this.#claimedMeanwhile?.add(deliveryId);
  }
}
