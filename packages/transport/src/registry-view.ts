import type { Endpoint, EndpointHealth, RegistryKind, Source, Tenant } from '@waybill/contracts';
import type { Logger } from '@waybill/runtime';
import type { Bus } from './bus.ts';
import type { Incoming } from './incoming.ts';
import { REGISTRY_STREAM, REGISTRY_SUBJECT_PREFIX as KEY_PREFIX } from './peer-topology.ts';
import { RegistryEntries, type RegistryRecords } from './registry-entries.ts';
import { scanStream } from './scan-stream.ts';

/** How often the bucket's last sequence is compared with what was read; catches what the trigger missed. */
const POLL_MS = 2_000;

interface Waiter {
  readonly revision: number;
  readonly resolve: (reached: boolean) => void;
}

/**
 * The registry bucket in memory, kept up to date.
 *
 * A plain subscription only says that something changed; what changed is read from the stream by sequence. A KV watch would be an ephemeral
 * consumer that dies silently with its server (minutes of staleness measured); this reads on as soon as the connection is back.
 */
export class RegistryView {
  readonly #bus: Bus;
  readonly #log: Logger;
  readonly #entries = new RegistryEntries();
  readonly #stops: (() => void)[] = [];
  #waiters: Waiter[] = [];
  #revision = 0;
  #reading: Promise<void> | undefined;
  #dirty = false;
  #closed = false;
  #failure: string | undefined;

  private constructor(bus: Bus, log: Logger) {
    this.#bus = bus;
    this.#log = log;
  }

  /** Loads the registry, then follows it until `close`. Throws when the bucket is missing. */
  static async follow(bus: Bus, log: Logger): Promise<RegistryView> {
    const view = new RegistryView(bus, log);
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

  /** Sequence of the newest change that was read. */
  get revision(): number {
    return this.#revision;
  }

  /** Why the registry could not be read lately; undefined when it is up to date. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Resolves true as soon as `revision` was read, false when that took longer than `budgetMs`. */
  async atLeast(revision: number, budgetMs: number): Promise<boolean> {
    if (this.#revision >= revision) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiters.push({ revision, resolve });
    const timer = setTimeout(resolve, budgetMs, false);
    this.#refresh();
    const reached = await promise;
    clearTimeout(timer);
    this.#waiters = this.#waiters.filter((waiter) => waiter.resolve !== resolve);
    return reached;
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

  /** The newest record of a key with its revision, for compare-and-set. */
  entry<K extends RegistryKind>(kind: K, path: readonly string[]): { record: RegistryRecords[K]; revision: number } | undefined {
    const key = path.join('.');
    const record = this.#entries.get(kind, key);
    const revision = this.#entries.revisionOf(kind, key);
    return record === undefined || revision === undefined ? undefined : { record, revision };
  }

  close(): void {
    this.#closed = true;
    for (const stop of this.#stops) stop();
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
    const scan = { stream: REGISTRY_STREAM, subjects: [`${KEY_PREFIX}>`], fromSeq: this.#revision + 1 };
    await scanStream(this.#bus, scan, (message) => this.#apply(message));
  }

  #apply(message: Incoming): void {
    if (message.seq <= this.#revision) return;
    const removed = message.header('KV-Operation') !== '';
    const value = removed ? undefined : Buffer.from(message.body).toString('utf8');
    const complaint = this.#entries.apply(message.subject.slice(KEY_PREFIX.length), value, message.seq);
    if (complaint !== undefined) this.#log.warn({ event: 'registry.entry_skipped', complaint }, 'left out');
    this.#revision = message.seq;
    for (const waiter of this.#waiters) if (waiter.revision <= message.seq) waiter.resolve(true);
  }

  async #poll(): Promise<void> {
    try {
      const { state } = await this.#bus.jsm.streams.info(REGISTRY_STREAM);
      if (state.last_seq > this.#revision) this.#refresh();
      else this.#failure = undefined;
    } catch (error) {
      this.#failure = `registry not polled: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}
