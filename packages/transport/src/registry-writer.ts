import type { JetStreamPublishOptions } from '@nats-io/jetstream';
import {
  isStrict,
  type Placement,
  registryKey,
  type RegistryKind,
  type Removed,
  type Scope,
  tenantSchema,
  WaybillError,
} from '@waybill/contracts';
import type { Bus } from './bus.ts';
import { REGISTRY_SUBJECT_PREFIX } from './peer-topology.ts';
import { datedFrom, type RegistryRecords } from './registry-records.ts';
import type { RegistryView } from './registry-view.ts';

/** Where an entry may go: `l` keeps it in this region. What belongs to a strict tenant is kept there whatever is asked for. Default `g`. */
export interface RegistryWriteOptions {
  readonly scope?: Scope;
}

/** Tries of one compare-and-set before the conflict is told. */
const MAX_TRIES = 5;
/** How long a writer waits to read its own write. */
const SEE_OWN_WRITE_MS = 2_000;
/** JetStream's "wrong last sequence": somebody else wrote first. */
const WRONG_LAST_SEQUENCE = 10_071;
/** What a KV key may consist of; anything else would be another subject than was meant. */
const KEY = /^[-/=\w]+(?:\.[-/=\w]+)*$/;

/**
 * Writes registry entries below this region's prefix, by compare-and-set. When a method resolves, the view holds the result.
 * What another region wrote is changed by writing something newer under the own key: if both change it at once, the one dated later counts.
 * Throws WB_CONFLICT (exists already, or changed too often) and WB_NATS_AWAY.
 */
export class RegistryWriter {
  readonly #bus: Bus;
  readonly #region: string;
  readonly #view: RegistryView;
  readonly #nowMs: () => number;

  constructor(bus: Bus, region: string, view: RegistryView, nowMs: () => number = Date.now) {
    this.#bus = bus;
    this.#region = region;
    this.#view = view;
    this.#nowMs = nowMs;
  }

  /** Stores a record that must not exist yet; returns its sequence in this region's registry. */
  create<K extends RegistryKind>(
    kind: K,
    path: readonly string[],
    record: RegistryRecords[K],
    options: RegistryWriteOptions = {},
  ): Promise<number> {
    return this.#swap(kind, path, options, (current) => {
      if (current !== undefined) throw new WaybillError('WB_CONFLICT', `${kind} ${path.join('/')} exists already`);
      return record;
    });
  }

  /** Stores a record whether it exists or not. */
  put<K extends RegistryKind>(
    kind: K,
    path: readonly string[],
    record: RegistryRecords[K],
    options: RegistryWriteOptions = {},
  ): Promise<number> {
    return this.#swap(kind, path, options, () => record);
  }

  /** Changes an existing record; `change` runs again when somebody else was faster, and may throw to refuse. */
  update<K extends RegistryKind>(
    kind: K,
    path: readonly string[],
    change: (current: RegistryRecords[K]) => RegistryRecords[K],
  ): Promise<number> {
    return this.#swap(kind, path, {}, (current) => {
      if (current === undefined) throw new WaybillError('WB_CONFLICT', `${kind} ${path.join('/')} does not exist any more`);
      return change(current);
    });
  }

  /** Removes a record, whichever region wrote it; removing what is not there is fine. */
  async remove(kind: RegistryKind, path: readonly string[]): Promise<void> {
    const id = path.join('.');
    const isThere = (): boolean => this.#view.entries.newest(kind, id)?.record !== undefined;
    // Another process may have written it just now.
    if (!isThere() && (await this.#view.caughtUp(SEE_OWN_WRITE_MS)) && !isThere()) return;
    const key = registryKey(this.#region, this.#view.entries.newest(kind, id)?.scope ?? 'g', kind, path);
    const removed: Removed = { removed: true, updatedAt: new Date(this.#nowMs()).toISOString() };
    await this.#store(key, JSON.stringify(datedFrom(removed, this.#view.entries.earliestMs(kind, id, key))));
  }

  async #swap<K extends RegistryKind>(
    kind: K,
    path: readonly string[],
    options: RegistryWriteOptions,
    decide: (current: RegistryRecords[K] | undefined) => RegistryRecords[K],
  ): Promise<number> {
    const id = path.join('.');
    for (let attempt = 1; ; attempt += 1) {
      const next = decide(this.#view.entries.newest(kind, id)?.record);
      const key = registryKey(this.#region, this.#scopeOf(kind, path, next, options), kind, path);
      const body = JSON.stringify(datedFrom(next, this.#view.entries.earliestMs(kind, id, key)));
      try {
        return await this.#store(key, body, { expect: { lastSubjectSequence: this.#view.entries.sequenceOf(key) } });
      } catch (error) {
        if (!isConflict(error)) throw error;
        if (attempt === MAX_TRIES) throw new WaybillError('WB_CONFLICT', `${kind} ${path.join('/')} changed meanwhile`, { cause: error });
        await this.#view.caughtUp(SEE_OWN_WRITE_MS);
      }
    }
  }

  /** Strict tenants' entries stay home, also when the caller forgot; and what is kept here stays here. */
  #scopeOf<K extends RegistryKind>(kind: K, path: readonly string[], next: RegistryRecords[K], { scope }: RegistryWriteOptions): Scope {
    const newest = this.#view.entries.newest(kind, path.join('.'));
    if (scope === 'l' || (newest?.record !== undefined && newest.scope === 'l')) return 'l';
    return isStrict(this.#placementOf(kind, next)) ? 'l' : 'g';
  }

  #placementOf(kind: RegistryKind, next: object): Placement | undefined {
    if (kind === 'tenant') return tenantSchema.safeParse(next).data?.placement;
    return 'tenantId' in next && typeof next.tenantId === 'string' ? this.#view.tenant(next.tenantId)?.placement : undefined;
  }

  /** Stores one entry and waits until the view holds it. Throws the server's own error for a lost race. */
  async #store(key: string, body: string, options: Partial<JetStreamPublishOptions> = {}): Promise<number> {
    if (!KEY.test(key)) throw new TypeError(`not a registry key: ${key}`);
    if (!this.#bus.isUp()) throw away(new Error('the connection is down'));
    try {
      const { seq } = await this.#bus.js.publish(REGISTRY_SUBJECT_PREFIX + key, body, options);
      await this.#view.atLeast(this.#region, seq, SEE_OWN_WRITE_MS);
      return seq;
    } catch (error) {
      throw isConflict(error) ? error : away(error);
    }
  }
}

const isConflict = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === WRONG_LAST_SEQUENCE;

function away(cause: unknown): WaybillError {
  const detail = `the registry cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new WaybillError('WB_NATS_AWAY', detail, { cause, extra: { retryAfterSeconds: 1 } });
}
