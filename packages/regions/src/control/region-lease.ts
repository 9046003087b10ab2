import { controlKeys, isWaybillError, type RegionRecord, regionRecordSchema, WaybillError } from '@waybill/contracts';
import type { Logger } from '@waybill/runtime';
import { type Bus, ControlBucket } from '@waybill/transport';
import { type ControlView, LEASE_TTL_MS } from './control-view.ts';
import { QuorumHearing } from './quorum-hearing.ts';

export interface RegionLeaseOptions {
  readonly bus: Bus;
  readonly view: ControlView;
  readonly logger: Logger;
  readonly region: string;
  readonly regions: readonly string[];
  /** JetStream domain that holds the control bucket; absent: the own one. */
  readonly domain?: string | undefined;
  /** Names this process in the record. */
  readonly holder: string;
  /** Called for each renewal that failed. */
  readonly onRenewFailed?: (() => void) | undefined;
}

const COPIES_WITH_MAJORITY = 3;
const RENEW_MS = 1_000;
/** After a failed renewal: the bucket may be back in a moment, and a lease is short. */
const AGAIN_MS = 300;
const TICK_MS = 100;
/**
 * Whoever could not write says so, and a region that hears it from all others goes on without a lease. It believes that for three seconds: nobody takes
 * anything from it sooner after having regained the bucket.
 */
const PATIENCE_MS = 5_000;
/** Nothing is begun in the last three seconds of a lease, and what still runs in the last one is cut off. */
const STOP_BEFORE_MS = 3_000;
const CUT_BEFORE_MS = 1_000;

/** Where the own lease stands: good, ending (begin nothing), or over (cut off what runs). */
export type LeasePhase = 'held' | 'ending' | 'over';

/**
 * Keeps the lease of the own region: renews its record once a second by compare-and-set, and creates it when there is none.
 *
 * Safety: others may take over when they have seen the record unchanged for LEASE_TTL_MS by their own clocks, and then only by compare-and-set on
 * that revision. This holder counts from the start of its last successful write, by its own clock, so its lease is over before theirs can be.
 */
export class RegionLease {
  readonly #options: RegionLeaseOptions;
  readonly #bucket: ControlBucket;
  readonly #hearing: QuorumHearing;
  readonly #cuts = new Set<() => void>();
  #writtenMs = Number.NEGATIVE_INFINITY;
  #canWrite = false;
  #canWriteSinceMs = Number.POSITIVE_INFINITY;
  #wasOver = true;
  #closed = false;
  #renewTimer: NodeJS.Timeout | undefined;
  #tickTimer: NodeJS.Timeout | undefined;

  constructor(options: RegionLeaseOptions) {
    const { bus, domain, region, regions } = options;
    this.#options = options;
    this.#bucket = new ControlBucket(bus, domain);
    const others = regions.filter((other) => other !== region);
    this.#hearing = new QuorumHearing({ bus, region, others, canWrite: () => this.#canWrite });
  }

  /**
   * Refuses what cannot work: others take over by writing to the bucket, and one with fewer than three copies cannot be written once a server is gone.
   * Throws WB_CONFIG_INVALID with the reason; while the bucket is away nothing is known, and nothing refused.
   */
  async requireMajority(): Promise<void> {
    const copies = await this.#bucket.copies().catch(() => undefined);
    if (copies === undefined || copies >= COPIES_WITH_MAJORITY) return;
    const why = `the control bucket has ${copies === 1 ? 'one copy' : `${copies} copies`}, so no majority is left when a hub server is lost`;
    throw new WaybillError('WB_CONFIG_INVALID', `FAILOVER_ENABLED: ${why}; run a hub of three servers, or leave it out`);
  }

  start(): void {
    void this.#renewForEver();
    this.#tickTimer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** Whether the last renewal succeeded. */
  get canWrite(): boolean {
    return this.#canWrite;
  }

  /** Time since the last successful renewal, in ms by the own clock; infinite before the first. */
  get ageMs(): number {
    return performance.now() - this.#writtenMs;
  }

  /** Whether another region's lease has run out, so that this region may take its work by `ControlView.changeSeen`. False without an own lease. */
  hasRunOut(region: string): boolean {
    const isPatient = performance.now() - this.#canWriteSinceMs >= PATIENCE_MS;
    return this.#canWrite && isPatient && this.phase === 'held' && this.#options.view.hasRunOut(region);
  }

  /** The phase by the own clock. While nobody in any region can write, nobody can take over, and the lease goes on. */
  get phase(): LeasePhase {
    const sinceMs = this.ageMs;
    if (sinceMs < LEASE_TTL_MS - STOP_BEFORE_MS || this.#hearing.nobodyCanWrite()) return 'held';
    return sinceMs < LEASE_TTL_MS - CUT_BEFORE_MS ? 'ending' : 'over';
  }

  /** Calls `listener` each time the lease is over: what runs under it must be cut off. Returns how to stop. */
  onOver(listener: () => void): () => void {
    this.#cuts.add(listener);
    return () => void this.#cuts.delete(listener);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#renewTimer);
    clearInterval(this.#tickTimer);
    this.#hearing.close();
  }

  async #renewForEver(): Promise<void> {
    const renewed = await this.#renew();
    if (renewed !== this.#canWrite) this.#tellCanWrite(renewed);
    if (this.#closed) return;
    this.#renewTimer = setTimeout(() => void this.#renewForEver(), renewed ? RENEW_MS : AGAIN_MS);
  }

  #tellCanWrite(canWrite: boolean): void {
    this.#canWrite = canWrite;
    this.#canWriteSinceMs = canWrite ? performance.now() : Number.POSITIVE_INFINITY;
    this.#hearing.sayNow();
    const { logger, region } = this.#options;
    if (canWrite) logger.info({ event: 'lease.renewed', region }, 'the lease is renewed');
    else logger.warn({ event: 'lease.not_renewed', region }, 'the lease cannot be renewed');
  }

  async #renew(): Promise<boolean> {
    const { region, view, logger } = this.#options;
    const key = controlKeys.region(region);
    const startedMs = performance.now();
    try {
      const entry = await this.#bucket.get(key);
      const record = this.#renewed(entry === undefined ? undefined : regionRecordSchema.parse(entry.value));
      const revision = await this.#bucket.update(key, record, entry?.revision ?? 0);
      // First what the record says, then the lease: a region that was taken over meanwhile must not look open for a moment.
      view.noteRecord(region, record, revision);
      this.#writtenMs = startedMs;
      return true;
    } catch (error) {
      // A lost race is with somebody who changes the state: the next try, in a moment, reads it.
      if (isWaybillError(error) && error.code === 'WB_CONFLICT') return this.#canWrite;
      logger.debug({ event: 'lease.renewal_failed', region, err: error }, 'tried again in a moment');
      this.#options.onRenewFailed?.();
      return false;
    }
  }

  #renewed(current: RegionRecord | undefined): RegionRecord {
    const { region, holder } = this.#options;
    const renewedAt = new Date().toISOString();
    if (current !== undefined) return { ...current, renewedAt, holder };
    const first = { state: 'active', epoch: 1, share: 100, who: region, why: 'first start', how: 'automatic' } as const;
    return { v: 1, region, ...first, since: renewedAt, renewedAt, holder };
  }

  #tick(): void {
    const isOver = this.phase === 'over';
    if (isOver && !this.#wasOver) {
      this.#options.logger.warn({ event: 'lease.over', region: this.#options.region }, 'the lease is over: what runs under it is cut off');
      for (const listener of this.#cuts) listener();
    }
    this.#wasOver = isOver;
  }
}
