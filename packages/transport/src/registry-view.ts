import {
  type Endpoint,
  type EndpointHealth,
  parseRegistryKey,
  type Pause,
  type RegionAddress,
  REPLICATED_KINDS,
  type RegistryKey,
  type RegistryKind,
  type RouteRecord,
  type Scope,
  type Source,
  type Tenant,
} from '@waybill/contracts';
import type { Logger } from '@waybill/runtime';
import type { Bus } from './bus.ts';
import type { Incoming } from './incoming.ts';
import { REGISTRY_STREAM, REGISTRY_SUBJECT_PREFIX as KEY_PREFIX } from './peer-topology.ts';
import { RegistryEntries } from './registry-entries.ts';
import type { RegistryRecords } from './registry-records.ts';
import { requireRestored } from './require-restored.ts';
import { scanStream } from './scan-stream.ts';
import { Waiting } from './waiting.ts';

/** How often the bucket's last sequence is compared with what was read; catches copies of other regions' entries, and what the trigger missed. */
const POLL_MS = 500;
/** The same while somebody waits. */
const WAITING_POLL_MS = 100;
const REPLICATED = new Set<RegistryKind>(REPLICATED_KINDS);

/**
 * The registry bucket in memory, kept up to date: this region's entries and copies of the other regions', merged by the newest.
 *
 * A plain subscription only says that something changed; what changed is read from the stream by sequence. A KV watch would be an ephemeral
 * consumer that dies silently with its server (minutes of staleness measured); this reads on as soon as the connection is back.
 */
export class RegistryView {
  readonly #bus: Bus;
  readonly #log: Logger;
  readonly #region: string;
  readonly #entries = new RegistryEntries();
  readonly #stops: (() => void)[] = [];
  readonly #waiting = new Waiting(() => void this.#poll(), WAITING_POLL_MS);
  readonly #own = { g: 0, l: 0 };
  /** Newest sequence, in each other region's registry stream, of what was copied from there. */
  readonly #copied = new Map<string, number>();
  /** Sequence in this region's registry stream up to which everything was read. */
  #position = 0;
  #reading: Promise<void> | undefined;
  #polling = false;
  #dirty = false;
  #closed = false;
  #failure: string | undefined;

  private constructor(bus: Bus, log: Logger, region: string) {
    this.#bus = bus;
    this.#log = log;
    this.#region = region;
  }

  /** Loads the registry of `region`, whose servers the bus is connected to, then follows it until `close`. Throws when the bucket is missing, and WB_RESTORE_UNFINISHED. */
  static async follow(bus: Bus, log: Logger, region: string): Promise<RegistryView> {
    await requireRestored(bus, region);
    const view = new RegistryView(bus, log, region);
    const trigger = bus.nc.subscribe(`${KEY_PREFIX}>`, { callback: () => view.#refresh() });
    await view.#read();
    const poll = setInterval(() => void view.#poll(), POLL_MS).unref();
    view.#stops.push(
      () => trigger.unsubscribe(),
      () => clearInterval(poll),
      bus.onReconnect(() => view.#refresh()),
    );
    return view;
  }

  /** `ownRevision('l')`: sequence of the newest entry of this region that was read. */
  get revision(): number {
    return this.#own.l;
  }

  /** Sequence of the newest entry of this region that was read; for scope `g`, of those that the other regions get a copy of. 0: none. */
  ownRevision(scope: Scope): number {
    return this.#own[scope];
  }

  /** Sequence in this region's registry stream up to which everything was read, copies of other regions' entries included. */
  get position(): number {
    return this.#position;
  }

  /** Why the registry could not be read lately; undefined when it is up to date. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /**
   * Resolves true as soon as what `region` had written at its `revision` was read here, false when that took longer than `budgetMs`. For the own region,
   * `revision` may also be a `position`.
   */
  atLeast(region: string, revision: number, budgetMs: number): Promise<boolean> {
    const seen = (): number => (region === this.#region ? this.#position : (this.#copied.get(region) ?? 0));
    return this.#until(() => seen() >= revision, budgetMs);
  }

  /** Resolves true when everything was read that was stored when this was called, false when that took longer or the server is away. */
  async caughtUp(budgetMs: number): Promise<boolean> {
    try {
      const { state } = await this.#bus.jsm.streams.info(REGISTRY_STREAM);
      return await this.#until(() => this.#position >= state.last_seq, budgetMs);
    } catch {
      return false;
    }
  }

  tenant(id: string): Tenant | undefined {
    return this.#entries.get('tenant', id);
  }
  tenants(): Tenant[] {
    return this.#entries.all('tenant');
  }
  source(id: string): Source | undefined {
    return this.#entries.get('source', id);
  }
  sources(): Source[] {
    return this.#entries.all('source');
  }
  endpoint(tenantId: string, id: string): Endpoint | undefined {
    return this.#entries.get('endpoint', `${tenantId}.${id}`);
  }
  endpointsOf(tenantId: string): readonly Endpoint[] {
    return this.#entries.endpointsOf(tenantId);
  }
  health(tenantId: string, endpointId: string): EndpointHealth | undefined {
    return this.#entries.get('health', `${tenantId}.${endpointId}`);
  }

  /** Where a strict tenant, or a source of one, has its home. */
  route(kind: RouteRecord['kind'], id: string): RouteRecord | undefined {
    return this.#entries.get('route', `${kind}.${id}`);
  }
  /** Where a region's ingress can be reached from outside; undefined when it did not say. */
  regionUrl(region: string): string | undefined {
    return this.#entries.get('region', region)?.url;
  }
  /** Where the services of other regions reach a region's ingress. */
  internalUrl(region: string): string | undefined {
    const address = this.#entries.get('region', region);
    return address?.internalUrl ?? address?.url;
  }
  regions(): RegionAddress[] {
    return this.#entries.all('region');
  }
  /** The operators' switches that keep dispatches back. */
  pauses(): Pause[] {
    return this.#entries.all('pause');
  }

  /** The newest record of a (kind, path), from whichever region, with its sequence in this region's registry stream. */
  entry<K extends RegistryKind>(kind: K, path: readonly string[]): { record: RegistryRecords[K]; revision: number } | undefined {
    const newest = this.#entries.newest(kind, path.join('.'));
    return newest?.record === undefined ? undefined : { record: newest.record, revision: newest.seq };
  }

  /** Whether the newest entry says that the record was removed: what was never heard of was not. */
  isRemoved(kind: RegistryKind, path: readonly string[]): boolean {
    const newest = this.#entries.newest(kind, path.join('.'));
    return newest !== undefined && newest.record === undefined;
  }

  /** What is known, for who writes. It changes while it is held. */
  get entries(): Pick<RegistryEntries, 'newest' | 'earliestMs' | 'sequenceOf'> {
    return this.#entries;
  }

  close(): void {
    this.#closed = true;
    for (const stop of this.#stops) stop();
    this.#waiting.close();
  }

  #until(isReached: () => boolean, budgetMs: number): Promise<boolean> {
    if (!isReached()) this.#refresh();
    return this.#waiting.until(isReached, budgetMs);
  }

  #refresh(): void {
    this.#dirty = true;
    this.#reading ??= this.#readWhileDirty().finally(() => {
      this.#reading = undefined;
    });
  }

  async #readWhileDirty(): Promise<void> {
    while (this.#dirty && !this.#closed) {
      this.#dirty = false;
      try {
        await this.#read();
        this.#failure = undefined;
      } catch (error) {
        if (this.#closed) return;
        this.#failure = `registry not read: ${error instanceof Error ? error.message : String(error)}`;
        this.#log.debug({ event: 'registry.read_failed', err: error }, 'the next poll tries again');
      }
    }
  }

  async #read(): Promise<void> {
    const scan = { stream: REGISTRY_STREAM, subjects: [`${KEY_PREFIX}>`], fromSeq: this.#position + 1 };
    await scanStream(this.#bus, scan, (message) => this.#apply(message));
  }

  #apply(message: Incoming): void {
    const { seq, origin } = message;
    if (seq <= this.#position) return;
    const key = message.subject.slice(KEY_PREFIX.length);
    // A tombstone says that it is one; a delete marker of the time before says nothing.
    const value = message.body.length === 0 ? undefined : Buffer.from(message.body).toString('utf8');
    const complaint = this.#entries.apply({ key, value, seq, storedAtMs: message.timestampMs, isCopy: origin !== undefined });
    if (complaint !== undefined) this.#log.warn({ event: 'registry.entry_skipped', complaint }, 'left out');
    this.#position = seq;
    this.#count(parseRegistryKey(key), seq, origin?.seq);
    this.#waiting.check();
  }

  /** Copies arrive in the order of their origin, so the last one's sequence is the newest. */
  #count(key: RegistryKey | undefined, seq: number, originSeq: number | undefined): void {
    if (key === undefined) return;
    if (originSeq !== undefined) this.#copied.set(key.region, originSeq);
    else if (key.region === this.#region) {
      this.#own.l = seq;
      if (key.scope === 'g' && REPLICATED.has(key.kind)) this.#own.g = seq;
    }
  }

  async #poll(): Promise<void> {
    if (this.#polling) return;
    this.#polling = true;
    try {
      const { state } = await this.#bus.jsm.streams.info(REGISTRY_STREAM);
      if (state.last_seq > this.#position) this.#refresh();
      else this.#failure = undefined;
    } catch (error) {
      this.#failure = `registry not polled: ${error instanceof Error ? error.message : String(error)}`;
    } finally {
      this.#polling = false;
    }
  }
}
