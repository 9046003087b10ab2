import type { RegionLease } from '@waybill/regions';
import type { Logger } from '@waybill/runtime';
import type { RegionPermission } from '../permission.ts';
import { Stopping } from '../persistence.ts';
import { ClaimAndArm } from './claim-and-arm.ts';
import type { Backlog } from './drain.ts';
import { OwnRegion } from './own-region.ts';
import { resumeClaim } from './resume-claim.ts';
import { StandIn } from './stand-in.ts';
import type { TakeOverProgress } from './take-over.ts';
import type { Control, History, Pause, Schedules, TakeoverFacts, TakeoverRegistry } from './takeover-ports.ts';
import type { TakenElsewhere } from './taken-elsewhere.ts';
import type { WatchTakeovers } from './takeover-story.ts';
import { TellChanges } from './tell-changes.ts';
import { WhatOthersDid } from './what-others-did.ts';

export interface TakeoverControllerOptions {
  readonly region: string;
  /** All regions, the first choice for standing in first. */
  readonly order: readonly string[];
  readonly control: Control;
  /** The permission that the region's state and lease give. */
  readonly permission: RegionPermission;
  /** Present when regions take over unasked. */
  readonly lease: Pick<RegionLease, 'hasRunOut'> | undefined;
  readonly history: History;
  readonly facts: TakeoverFacts;
  readonly schedules: Schedules;
  readonly registry: TakeoverRegistry;
  /** The memory that attempts ask, around the memory of own output. */
  readonly elsewhere: TakenElsewhere;
  readonly backlog: () => Promise<Backlog>;
  readonly isHealthy: () => boolean;
  readonly recoveryStepMs: number;
  readonly drainTimeoutMs: number;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly watch?: WatchTakeovers | undefined;
  readonly pause: Pause;
  readonly nowMs: () => number;
}

/** What goes on between the regions, for people. */
export interface TakeoverStatus {
  /** What this region waits for before it delivers; undefined: nothing. */
  readonly waitingFor: string | undefined;
  readonly takeOvers: readonly TakeOverProgress[];
}

const TICK_MS = 500;
/** Every region reads the states of all others once a second; a region that hears nothing for longer is no longer asked, or has lost its lease. */
const HEARD_MS = 3_000;

/**
 * Hands work over between regions, for the worker of one: leads its own region through its states, and stands in for each of the others. Nothing of it is
 * kept in memory alone.
 */
export class TakeoverController {
  /** The permission to be asked before each attempt: that of state and lease, and that this region knows what others did and has not let go. */
  readonly permission: RegionPermission;
  readonly #options: TakeoverControllerOptions;
  readonly #own: OwnRegion;
  readonly #standIns: readonly StandIn[];
  readonly #tellChanges: TellChanges;
  readonly #claimAndArm: ClaimAndArm;
  readonly #stop = new AbortController();
  readonly #forget: () => void;
  #changedMs: number;
  #loops: Promise<unknown> = Promise.resolve();

  constructor(options: TakeoverControllerOptions) {
    const { region, order, permission, recoveryStepMs: stepMs } = options;
    this.#options = options;
    const peers = order.filter((other) => other !== region);
    const whatOthersDid = new WhatOthersDid({ ...options, peers });
    this.#own = new OwnRegion({
      ...options,
      peers,
      whatOthersDid,
      stepMs,
      isTaking: () => this.#standIns.some(({ isTaking }) => isTaking),
    });
    this.#claimAndArm = new ClaimAndArm(options);
    const routing = () => options.control.routing(order);
    const mayTake = (): boolean => this.permission.open && options.control.record(region)?.share === 100;
    const parts = {
      ...options,
      routing,
      mayTake,
      settledMs: () => this.#changedMs + HEARD_MS,
      whatOthersDid,
      claimAndArm: this.#claimAndArm,
    };
    this.#standIns = peers.map((of) => new StandIn({ ...parts, of }));
    this.#tellChanges = new TellChanges({ ...options, regions: order });
    this.permission = both(permission, this.#own);
    this.#changedMs = options.nowMs();
    this.#forget = options.control.onChange(() => {
      this.#changedMs = options.nowMs();
    });
  }

  get status(): TakeoverStatus {
    const takeOvers = this.#standIns.flatMap(({ progress }) => (progress === undefined ? [] : [progress]));
    return { waitingFor: this.#own.waitingFor, takeOvers };
  }

  /**
   * Reads what others did in this region's place and finishes what a process before this one claimed; resolves when that is done. To be called before any
   * work is taken. Everything else goes on by itself. Rejects only when the process stops.
   */
  async start(): Promise<void> {
    await this.#own.recall();
    const armed = await resumeClaim({ ...this.#options, claimAndArm: this.#claimAndArm });
    if (armed > 0) this.#options.logger.info({ event: 'takeover.resumed', armed }, 'claimed before, and armed now');
    const own = this.#repeat(async () => {
      await this.#own.step();
      await this.#tellChanges.step();
    });
    this.#loops = Promise.all([own, ...this.#standIns.map((standIn) => this.#repeat(() => standIn.step()))]);
  }

  /** Stops. What was claimed is armed before; when NATS is away, by the next process. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#own.close();
    this.#forget();
    const stopAll = (): Promise<unknown> => Promise.all(this.#standIns.map((standIn) => standIn.stop()));
    await stopAll();
    await this.#loops;
    // A step that was under way may have begun one more.
    await stopAll();
  }

  async #repeat(step: () => Promise<void>): Promise<void> {
    const { pause, logger } = this.#options;
    const { signal } = this.#stop;
    let complaint: string | undefined;
    while (!signal.aborted) {
      try {
        await step();
        complaint = undefined;
      } catch (error) {
        if (error instanceof Stopping) return;
        if (complaint !== String(error)) logger.warn({ event: 'takeover.step_failed', err: error }, 'tried again in a moment');
        complaint = String(error);
      }
      await pause(TICK_MS, signal);
    }
  }
}

/** Open when both are, cut by either. */
function both(given: RegionPermission, own: OwnRegion): RegionPermission {
  return {
    get open() {
      return given.open && own.isOpen;
    },
    onCut: (listener) => {
      const forget = [given.onCut(listener), own.onCut(listener)];
      return () => {
        for (const stop of forget) stop();
      };
    },
  };
}
