import {
  controlKeys,
  isWaybillError,
  type RegionRecord,
  regionRecordSchema,
  type RegionReport,
  regionReportSchema,
  type RoutingView,
} from '@waybill/contracts';
import type { Logger } from '@waybill/runtime';
import { type Bus, ControlBucket, type ControlEntry } from '@waybill/transport';
import { Sightings } from './observed.ts';

export interface ControlViewOptions {
  readonly bus: Bus;
  readonly logger: Logger;
  /** All regions of the deployment. */
  readonly regions: readonly string[];
  /** JetStream domain that holds the bucket; absent: the own one. */
  readonly domain?: string | undefined;
  readonly pollMs?: number;
}

type Listener = (record: RegionRecord) => void;

/** How long a region's record must stand still before its lease counts as run out. */
export const LEASE_TTL_MS = 10_000;
const POLL_MS = 1_000;
/** What was read longer ago says nothing about now. */
const STALE_MS = 3_000;
const MAX_TRIES = 5;

/**
 * What is known of all regions: read from the control bucket once a second, kept while it is away. A watch would be cheaper and dies silently with
 * its hub node (30 s of silence measured), so it is polled: a few keys.
 */
export class ControlView {
  readonly #options: ControlViewOptions;
  readonly #bucket: ControlBucket;
  readonly #records = new Map<string, { record: RegionRecord; revision: number }>();
  readonly #reports = new Map<string, { report: RegionReport; revision: number }>();
  readonly #sightings = new Sightings();
  readonly #listeners = new Set<Listener>();
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  #readMs: number | undefined;
  #failure: string | undefined = 'not read yet';

  private constructor(options: ControlViewOptions) {
    this.#options = options;
    this.#bucket = new ControlBucket(options.bus, options.domain);
  }

  /** Begins to follow. Returns at once; `loaded` tells whether everything was read one time. */
  static follow(options: ControlViewOptions): ControlView {
    const view = new ControlView(options);
    const poll = (): void => void view.refresh();
    poll();
    view.#timer = setInterval(poll, options.pollMs ?? POLL_MS).unref();
    return view;
  }

  /** Whether all regions were read since the start. */
  get loaded(): boolean {
    return this.#readMs !== undefined;
  }
  /** Why the bucket could not be read lately; undefined when it can. */
  get failure(): string | undefined {
    return this.#failure;
  }
  record(region: string): RegionRecord | undefined {
    return this.#records.get(region)?.record;
  }
  records(): ReadonlyMap<string, RegionRecord> {
    return new Map([...this.#records].map(([region, { record }]) => [region, record]));
  }

  /** A region's newest report; undefined when there is none, it has stood still for longer than a lease, or the bucket is away. */
  report(region: string): RegionReport | undefined {
    const seen = this.#reports.get(region);
    if (seen === undefined || !this.#canSee()) return undefined;
    const unchangedMs = this.#sightings.unchangedMs(controlKeys.report(region), seen.revision, performance.now());
    return unchangedMs < LEASE_TTL_MS ? seen.report : undefined;
  }

  /** How long the region's record has been seen standing still, in ms. */
  unchangedMs(region: string): number {
    const seen = this.#records.get(region);
    return seen === undefined ? 0 : this.#sightings.unchangedMs(controlKeys.region(region), seen.revision, performance.now());
  }

  /** Whether the region had a lease and has not renewed it for its whole time, seen by somebody who can see now. */
  hasRunOut(region: string): boolean {
    return this.#canSee() && this.unchangedMs(region) >= LEASE_TTL_MS;
  }

  #canSee(): boolean {
    return this.#readMs !== undefined && performance.now() - this.#readMs < STALE_MS;
  }

  /** What routing must know; `order` is the order of standing in. */
  routing(order: readonly string[]): RoutingView {
    const spilling = this.#options.regions.filter((region) => this.report(region)?.spilling === true);
    return { order, states: this.records(), spilling: new Set(spilling) };
  }

  /** Calls `listener` for every record now known, and whenever a state, share or epoch becomes another. Returns how to stop. */
  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    for (const { record } of this.#records.values()) listener(record);
    return () => void this.#listeners.delete(listener);
  }

  /** Reads everything now. Never rejects. */
  refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /**
   * Changes a region's record by compare-and-set: `next` is given the newest and runs again when somebody was faster. What it throws refuses the change.
   * Throws WB_CONTROL_AWAY, and WB_CONFLICT when the race was lost too often.
   */
  async change(region: string, next: (current: RegionRecord | undefined) => RegionRecord): Promise<RegionRecord> {
    const key = controlKeys.region(region);
    for (let attempt = 1; ; attempt += 1) {
      const entry = await this.#bucket.get(key);
      const record = next(entry === undefined ? undefined : regionRecordSchema.parse(entry.value));
      try {
        const revision = await this.#bucket.update(key, record, entry?.revision ?? 0);
        this.noteRecord(region, record, revision);
        return record;
      } catch (error) {
        if (attempt === MAX_TRIES || !isWaybillError(error) || error.code !== 'WB_CONFLICT') throw error;
      }
    }
  }

  /**
   * Changes a record only if it still is what this view has seen: how a lease that ran out is taken away. Resolves false when somebody was faster.
   */
  async changeSeen(region: string, next: (current: RegionRecord) => RegionRecord): Promise<boolean> {
    const seen = this.#records.get(region);
    if (seen === undefined) return false;
    const record = next(seen.record);
    try {
      const revision = await this.#bucket.update(controlKeys.region(region), record, seen.revision);
      this.noteRecord(region, record, revision);
      return true;
    } catch (error) {
      if (isWaybillError(error) && error.code === 'WB_CONFLICT') return false;
      throw error;
    }
  }

  /** Stores how the region is doing. */
  async putReport(report: RegionReport): Promise<void> {
    await this.#bucket.put(controlKeys.report(report.region), report);
  }

  /** Takes in what this process itself wrote, before the next poll shows it. */
  noteRecord(region: string, record: RegionRecord, revision: number): void {
    const before = this.#records.get(region);
    if (before !== undefined && before.revision >= revision) return;
    this.#records.set(region, { record, revision });
    this.#sightings.note(controlKeys.region(region), revision, performance.now());
    const hasChanged =
      before?.record.epoch !== record.epoch || before.record.state !== record.state || before.record.share !== record.share;
    if (hasChanged) for (const listener of this.#listeners) listener(record);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#listeners.clear();
  }

  async #read(): Promise<void> {
    try {
      await Promise.all(this.#options.regions.map((region) => this.#readRegion(region)));
      this.#readMs = performance.now();
      if (this.#failure !== undefined) this.#options.logger.info({ event: 'control.reached' }, 'the control bucket is read');
      this.#failure = undefined;
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      if (this.#failure === undefined) this.#options.logger.warn({ event: 'control.away', detail }, 'regions go on with what is known');
      this.#failure = detail;
      // Whoever could not look must not conclude that nothing changed meanwhile.
      this.#sightings.forget();
    }
  }

  async #readRegion(region: string): Promise<void> {
    const recordKey = controlKeys.region(region);
    const reportKey = controlKeys.report(region);
    const [record, report] = await Promise.all([this.#bucket.get(recordKey), this.#bucket.get(reportKey)]);
    const nowMs = performance.now();
    if (record !== undefined) {
      this.#sightings.note(recordKey, record.revision, nowMs);
      this.#takeRecord(region, record);
    }
    if (report === undefined) return;
    this.#sightings.note(reportKey, report.revision, nowMs);
    const parsed = regionReportSchema.safeParse(report.value);
    if (parsed.success) this.#reports.set(region, { report: parsed.data, revision: report.revision });
  }

  #takeRecord(region: string, { value, revision }: ControlEntry): void {
    const parsed = regionRecordSchema.safeParse(value);
    if (parsed.success) this.noteRecord(region, parsed.data, revision);
    else
      this.#options.logger.error(
        { event: 'control.unreadable', region, revision },
        'the record of a region cannot be read; left as it was',
      );
  }
}
