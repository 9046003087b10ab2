import type { RegionRecord, TakeoverClosed } from '@waybill/contracts';
import type { RegionLease } from '@waybill/regions';
import type { Logger } from '@waybill/runtime';
import { Stopping } from '../persistence.ts';
import { declaredFailed } from '../../domain/takeover/region-changes.ts';
import { type GivenUp, TakeOver, type TakeOverPorts, type TakeOverProgress } from './take-over.ts';
import { TakeoverStory, type WatchTakeovers } from './takeover-story.ts';
import type { Control, TakeoverFacts } from './takeover-ports.ts';

export interface StandInPorts extends TakeOverPorts {
  readonly control: Control;
  readonly facts: TakeoverFacts;
  /** Present when regions take over unasked. */
  readonly lease: Pick<RegionLease, 'hasRunOut'> | undefined;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly watch?: WatchTakeovers | undefined;
}

/** A takeover, or the watch that follows it, and how to end it. */
interface Running {
  readonly epoch: number;
  readonly isTaking: boolean;
  readonly takeOver: TakeOver;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** What this region does for one other: gives it up when its lease ran out, takes over from it while it is given up, and says when that is over. */
export class StandIn {
  readonly of: string;
  readonly #ports: StandInPorts;
  #running: Running | undefined;
  /** Until this epoch it was said that nothing is taken any more, or need not be said. */
  #closedEpoch = 0;
  #hasTaken = false;
  /** The newest takeover that was told of, and when this region saw that the lease had run out, ms since 1970. */
  #begunEpoch = 0;
  #detectedMs: number | undefined;

  constructor(ports: StandInPorts) {
    this.#ports = ports;
    this.of = ports.of;
  }

  /** What is being taken over now. */
  get progress(): TakeOverProgress | undefined {
    return this.#running?.isTaking === true ? this.#running.takeOver.progress : undefined;
  }

  /** Whether anything may still be taken: to be asked after it was stopped, too. */
  get isTaking(): boolean {
    return this.#running?.isTaking === true;
  }

  /** Does what is due now; to be called again and again, never twice at once. Rejects when the control bucket is away, or the process stops. */
  async step(): Promise<void> {
    const { control, mayTake } = this.#ports;
    await this.#giveUpIfLost();
    const record = control.record(this.of);
    if (record === undefined) return;
    if (record.state === 'failed' || record.state === 'drained') {
      const isRunning = this.#running?.isTaking === true && this.#running.epoch === record.epoch;
      if (!isRunning || !mayTake()) await this.stop();
      if (!isRunning && mayTake()) await this.#takeOver(record);
      return;
    }
    const wasTaking = this.isTaking;
    if (wasTaking) await this.stop();
    await this.#close(record);
    if ((wasTaking || record.state === 'recovering') && this.#running?.epoch !== record.epoch) await this.#watch(record);
  }

  /** Resolves when nothing is taken any more; a batch that was begun is finished. */
  async stop(): Promise<void> {
    const running = this.#running;
    running?.abort.abort();
    await running?.done;
    if (this.#running === running) this.#running = undefined;
  }

  /** By compare-and-set on what was seen standing still: a region that renews its lease at the same moment keeps it. */
  async #giveUpIfLost(): Promise<void> {
    const { control, lease, region, nowMs, logger } = this.#ports;
    const record = control.record(this.of);
    if (lease === undefined || record === undefined || record.state === 'failed' || record.state === 'drained') return;
    if (!lease.hasRunOut(this.of)) return;
    this.#detectedMs = nowMs();
    const by = { who: region, why: 'its lease ran out', at: new Date(this.#detectedMs).toISOString() };
    if (await control.changeSeen(this.of, (current) => declaredFailed(current, by)))
      logger.warn({ event: 'region.given_up', of: this.of, epoch: record.epoch + 1 }, 'its lease ran out');
  }

  async #takeOver(record: RegionRecord): Promise<void> {
    const { facts, region, logger } = this.#ports;
    const { state, epoch } = record;
    // Whoever said that it takes nothing any more must not begin again because it reads an old copy of the record.
    const closed = (await facts.closed()).some((fact) => fact.by === region && fact.of === this.of && fact.epoch > epoch);
    if (closed || this.#closedEpoch > epoch) return;
    this.#hasTaken = true;
    logger.info({ event: 'takeover.begun', of: this.of, epoch, state }, 'this region stands in');
    this.#run({ epoch, isDrained: state === 'drained' }, this.#storyOf(record));
  }

  #storyOf({ epoch, since, who, how }: RegionRecord): TakeoverStory {
    const { watch, region, nowMs } = this.#ports;
    if (this.#begunEpoch !== epoch) watch?.begun(this.of);
    this.#begunEpoch = epoch;
    const story = new TakeoverStory({ of: this.of, epoch, watch, nowMs });
    if (how === 'automatic' && who === region && this.#detectedMs !== undefined) story.note('detect', this.#detectedMs);
    story.note('fence', Date.parse(since));
    return story;
  }

  /** What the region had ended itself and not told goes on arriving until it delivers again. */
  async #watch({ epoch }: RegionRecord): Promise<void> {
    await this.stop();
    this.#run({ epoch: epoch - 1, isDrained: false });
  }

  /** Takes over when there is a story to tell, else watches. */
  #run(givenUp: GivenUp, story?: TakeoverStory): void {
    const isTaking = story !== undefined;
    const takeOver = new TakeOver(this.#ports, givenUp, story);
    const abort = new AbortController();
    const work = isTaking ? takeOver.run(abort.signal) : takeOver.watch(abort.signal);
    const epoch = isTaking ? givenUp.epoch : givenUp.epoch + 1;
    const whole = work.catch((error: unknown) => {
      if (this.#running?.abort === abort) this.#running = undefined;
      if (!(error instanceof Stopping)) this.#ports.logger.warn({ event: 'takeover.interrupted', of: this.of, err: error }, 'begun again');
    });
    const done = whole.finally(() => story?.end(takeOver.progress.taken));
    this.#running = { epoch, isTaking, takeOver, abort, done };
  }

  /** The region waits for this word while it recovers, also when nothing was taken. */
  async #close({ state, epoch }: RegionRecord): Promise<void> {
    if (this.#closedEpoch >= epoch) return;
    const { facts, region, nowMs } = this.#ports;
    const own = (await facts.closed()).filter((fact) => fact.by === region && fact.of === this.of);
    const isClosed = own.some((fact) => fact.epoch >= epoch);
    const isAsked = state === 'recovering' || this.#hasTaken || (await this.#hasUnclosed(own));
    if (isAsked && !isClosed) {
      const at = new Date(nowMs()).toISOString();
      await facts.appendClosed({ v: 1, of: this.of, by: region, epoch, role: 'dispatcher', at });
    }
    this.#closedEpoch = epoch;
    this.#hasTaken = false;
  }

  async #hasUnclosed(closed: readonly TakeoverClosed[]): Promise<boolean> {
    const { facts, region } = this.#ports;
    const claims = (await facts.claims()).filter(({ by, of }) => by === region && of === this.of);
    return claims.some((claim) => !closed.some((fact) => fact.epoch > claim.epoch));
  }
}
