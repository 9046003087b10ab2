import type { DueDelivery } from '@waybill/contracts';
import { isDispatch } from '../../domain/dispatch/dispatch-endpoint.ts';
import type { OpenDelivery } from '../../domain/takeover/open-deliveries.ts';
import type { Schedules, TakeoverFacts } from './takeover-ports.ts';
import type { TakenElsewhere } from './taken-elsewhere.ts';

export interface ClaimAndArmPorts {
  readonly region: string;
  readonly facts: Pick<TakeoverFacts, 'appendClaimed'>;
  readonly schedules: Pick<Schedules, 'scheduleDue'>;
  readonly elsewhere: Pick<TakenElsewhere, 'claimBack'>;
  readonly nowMs: () => number;
}

/** What is taken over, and from whom. */
export interface Claim {
  readonly of: string;
  readonly epoch: number;
  /** No attempt that is armed now was made before this time (ms since 1970): all facts of before were looked at. */
  readonly notBeforeMs: number;
  /** Asked before each batch: whether this region may still take anything. */
  readonly mayTake: () => boolean;
}

/** Ids in one `takeover.claimed`; 500 of them take 25 KB. */
const BATCH = 500;
const CONCURRENCY = 64;

/**
 * Takes deliveries over, in batches: first the claim, which tells the lost region and everybody else, then a schedule for each delivery, from where the
 * normal path goes on. One batch of the whole process is under way at a time, so that after a crash only the newest claim can lack schedules.
 */
export class ClaimAndArm {
  readonly #ports: ClaimAndArmPorts;
  #turn: Promise<void> = Promise.resolve();

  constructor(ports: ClaimAndArmPorts) {
    this.#ports = ports;
  }

  /** Resolves with how many were taken: fewer than given when that was no longer allowed. Rejects only when the process stops. */
  async take(unsorted: readonly OpenDelivery[], claim: Claim): Promise<number> {
    const open = firstFirst(unsorted);
    let taken = 0;
    for (let start = 0; start < open.length; start += BATCH) {
      const batch = open.slice(start, start + BATCH);
      if (!(await this.#inTurn(() => this.#takeBatch(batch, claim)))) break;
      taken += batch.length;
    }
    return taken;
  }

  /** Stores the schedules of what was claimed before. */
  arm(open: readonly OpenDelivery[], notBeforeMs: number, epoch: number): Promise<void> {
    return this.#inTurn(() => this.#arm(firstFirst(open), notBeforeMs, epoch));
  }

  /** From the claim on nothing stops it: claimed and not armed would be owed by nobody. */
  async #takeBatch(batch: readonly OpenDelivery[], { of, epoch, notBeforeMs, mayTake }: Claim): Promise<boolean> {
    const { region, facts, elsewhere, nowMs } = this.#ports;
    // The time comes first: a process that sleeps between these two lines makes an old claim, which a newer one of another region beats.
    const at = new Date(nowMs()).toISOString();
    if (!mayTake()) return false;
    const deliveryIds = batch.map(({ deliveryId }) => deliveryId);
    await facts.appendClaimed({ v: 1, of, by: region, epoch, deliveryIds, at });
    for (const deliveryId of deliveryIds) elsewhere.claimBack(deliveryId);
    await this.#arm(batch, notBeforeMs, epoch);
    return true;
  }

  async #arm(batch: readonly OpenDelivery[], notBeforeMs: number, epoch: number): Promise<void> {
    const { schedules, nowMs } = this.#ports;
    const rest = batch.values();
    const worker = async (): Promise<void> => {
      for (const open of rest) await schedules.scheduleDue(dueOf(open, notBeforeMs), dueMsOf(open, nowMs(), epoch));
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    try {
      return await work();
    } finally {
      resolve();
    }
  }
}

/** Whoever comes first in its lane has its place there before those behind it can fire. */
function firstFirst(open: readonly OpenDelivery[]): readonly OpenDelivery[] {
  if (open.every(({ order }) => order === undefined)) return open;
  return open.toSorted((one, other) => (one.order?.seq ?? 0) - (other.order?.seq ?? 0));
}

function dueOf(
  { deliveryId, eventId, tenantId, endpointId, position, last, replay, order, trace }: OpenDelivery,
  notBeforeMs: number,
): DueDelivery {
  const { stream, seq } = position;
  const attempt = (last?.attempt ?? 0) + 1;
  const due = {
    v: 1,
    deliveryId,
    eventId,
    tenantId,
    endpointId,
    scope: 'g',
    attempt,
    parked: 0,
    notBeforeMs,
    plan: { stream, seq },
    ...(replay === undefined ? {} : { replay }),
    ...(order === undefined ? {} : { order }),
    ...(trace === undefined ? {} : { trace }),
  } as const;
  // How many of the attempts counted is not told, so all of them are left again.
  return isDispatch(endpointId) ? { ...due, lookFirst: true, uncounted: attempt - 1 } : due;
}

/**
 * At once, or when the retry is due. The Msg-Id of a schedule holds this time: a few ms that differ from takeover to takeover let a delivery that comes
 * back within two minutes be scheduled again, where the stream would take the very same time for a repeat and drop it.
 */
function dueMsOf({ last }: OpenDelivery, nowMs: number, epoch: number): number {
  const retryMs = last?.next.kind === 'retry' ? Date.parse(last.next.at) : 0;
  return retryMs <= nowMs ? nowMs : retryMs + (epoch % 1_000);
}
