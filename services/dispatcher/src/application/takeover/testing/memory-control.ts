import { type RegionRecord, WaybillError } from '@waybill/contracts';
import { isOpenIn } from '../../../domain/region-open.ts';
import type { RegionPermission } from '../../permission.ts';
import type { Control } from '../takeover-ports.ts';

const POLL_MS = 1_000;
const TTL_MS = 10_000;

/** The control bucket: one record per region, changed by compare-and-set. */
export class MemoryBucket {
  readonly records = new Map<string, { record: RegionRecord; revision: number }>();
  readonly cutOff = new Set<string>();
  /** What a copy that lags still holds; reads come from there. */
  stale: ReadonlyMap<string, { record: RegionRecord; revision: number }> | undefined;

  read(reader: string): ReadonlyMap<string, { record: RegionRecord; revision: number }> {
    if (this.cutOff.has(reader)) throw new WaybillError('WB_CONTROL_AWAY', `${reader} is cut off`);
    return new Map(this.stale ?? this.records);
  }

  write(writer: string, record: RegionRecord, revision: number): number {
    if (this.cutOff.has(writer)) throw new WaybillError('WB_CONTROL_AWAY', `${writer} is cut off`);
    const present = this.records.get(record.region)?.revision ?? 0;
    if (present !== revision) throw new WaybillError('WB_CONFLICT', `${record.region} is at ${present}`);
    this.records.set(record.region, { record, revision: revision + 1 });
    return revision + 1;
  }
}

/** The view, the lease and the permission of one process, as the real ones behave: polled, and judged by the own clock. */
export class MemoryControl implements Control, RegionPermission {
  readonly #bucket: MemoryBucket;
  readonly #region: string;
  readonly #mustHoldLease: boolean;
  readonly #seen = new Map<string, { record: RegionRecord; revision: number; sinceMs: number }>();
  readonly #listeners = new Set<(record: RegionRecord) => void>();
  readonly #cuts = new Set<() => void>();
  readonly #timer: NodeJS.Timeout;
  #writtenMs = Number.NEGATIVE_INFINITY;
  loaded = false;
  /** Runs every compare-and-set. */
  aroundChange: <T>(work: () => T) => Promise<T> = async (work) => work();

  constructor(bucket: MemoryBucket, region: string, mustHoldLease: boolean) {
    this.#bucket = bucket;
    this.#region = region;
    this.#mustHoldLease = mustHoldLease;
    this.#timer = setInterval(() => this.poll(), POLL_MS);
  }

  /** Reads everything and renews the lease. */
  poll(): void {
    try {
      const read = this.#bucket.read(this.#region);
      const own = read.get(this.#region);
      if (own !== undefined && this.#bucket.stale === undefined) this.#bucket.write(this.#region, own.record, own.revision);
      for (const { record, revision } of this.#bucket.read(this.#region).values()) this.#note(record, revision);
      this.#writtenMs = Date.now();
      this.loaded = true;
    } catch {
      // Away: what is known stays.
    }
    if (!this.open) this.#cut();
  }

  get open(): boolean {
    const own = this.record(this.#region);
    return this.loaded && isOpenIn(own) && (!this.#mustHoldLease || Date.now() - this.#writtenMs < TTL_MS - 3_000);
  }
  onCut(listener: () => void): () => void {
    this.#cuts.add(listener);
    return () => void this.#cuts.delete(listener);
  }

  hasRunOut(region: string): boolean {
    const seen = this.#seen.get(region);
    const canSee = Date.now() - this.#writtenMs < 3_000;
    return canSee && seen !== undefined && Date.now() - seen.sinceMs >= TTL_MS;
  }

  record(region: string): RegionRecord | undefined {
    return this.#seen.get(region)?.record;
  }
  routing(order: readonly string[]): ReturnType<Control['routing']> {
    return { order, states: new Map([...this.#seen].map(([region, { record }]) => [region, record])), spilling: new Set() };
  }
  onChange(listener: (record: RegionRecord) => void): () => void {
    this.#listeners.add(listener);
    for (const { record } of this.#seen.values()) listener(record);
    return () => void this.#listeners.delete(listener);
  }

  change(region: string, next: (current: RegionRecord | undefined) => RegionRecord): Promise<RegionRecord> {
    return this.aroundChange(() => {
      const present = this.#bucket.read(this.#region).get(region);
      const record = next(present?.record);
      this.#note(record, this.#bucket.write(this.#region, record, present?.revision ?? 0));
      return record;
    });
  }
  changeSeen(region: string, next: (current: RegionRecord) => RegionRecord): Promise<boolean> {
    return this.aroundChange(() => {
      const seen = this.#seen.get(region);
      if (seen === undefined) return false;
      const record = next(seen.record);
      try {
        this.#note(record, this.#bucket.write(this.#region, record, seen.revision));
        return true;
      } catch (error) {
        if (error instanceof WaybillError && error.code === 'WB_CONFLICT') return false;
        throw error;
      }
    });
  }

  close(): void {
    clearInterval(this.#timer);
    this.#listeners.clear();
    this.#cuts.clear();
  }

  #note(record: RegionRecord, revision: number): void {
    const before = this.#seen.get(record.region);
    if (before !== undefined && before.revision >= revision) return;
    this.#seen.set(record.region, { record, revision, sinceMs: Date.now() });
    const { epoch, state, share } = record;
    const isSame = before?.record.epoch === epoch && before.record.state === state && before.record.share === share;
    if (!isSame) for (const listener of this.#listeners) listener(record);
    if (record.region === this.#region && !isOpenIn(record)) this.#cut();
  }

  #cut(): void {
    for (const cut of this.#cuts) cut();
  }
}
