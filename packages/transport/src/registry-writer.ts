import { type KV, Kvm } from '@nats-io/kv';
import { REGISTRY_BUCKET, type RegistryKind, WaybillError } from '@waybill/contracts';
import type { Bus } from './bus.ts';
import type { RegistryRecords } from './registry-entries.ts';
import type { RegistryView } from './registry-view.ts';

/** Tries of one compare-and-set before the conflict is told. */
const MAX_TRIES = 5;
/** How long a writer waits to read its own write. */
const SEE_OWN_WRITE_MS = 2_000;
/** JetStream's "wrong last sequence": somebody else wrote first. */
const WRONG_LAST_SEQUENCE = 10_071;

/**
 * Writes registry entries below this region's prefix, by compare-and-set. When a method resolves, the view holds the result.
 * Throws WB_CONFLICT (exists already, or changed too often) and WB_NATS_AWAY.
 */
export class RegistryWriter {
  readonly #bus: Bus;
  readonly #region: string;
  readonly #view: RegistryView;
  #bucket: Promise<KV> | undefined;

  constructor(bus: Bus, region: string, view: RegistryView) {
    this.#bus = bus;
    this.#region = region;
    this.#view = view;
  }

  /** Stores a record that must not exist yet; returns the registry's revision. */
  create<K extends RegistryKind>(kind: K, path: readonly string[], record: RegistryRecords[K]): Promise<number> {
    return this.#write(
      async (bucket) => bucket.create(this.#key(kind, path), JSON.stringify(record)),
      `${kind} ${path.join('/')} exists already`,
    );
  }

  /** Stores a record whether it exists or not. */
  put<K extends RegistryKind>(kind: K, path: readonly string[], record: RegistryRecords[K]): Promise<number> {
    return this.#write(async (bucket) => bucket.put(this.#key(kind, path), JSON.stringify(record)), `${kind} ${path.join('/')}`);
  }

  /** Changes an existing record; `change` runs again when somebody else was faster, and may throw to refuse. */
  async update<K extends RegistryKind>(
    kind: K,
    path: readonly string[],
    change: (current: RegistryRecords[K]) => RegistryRecords[K],
  ): Promise<number> {
    for (let attempt = 1; ; attempt += 1) {
      const entry = this.#view.entry(kind, path);
      if (entry === undefined) throw new WaybillError('WB_CONFLICT', `${kind} ${path.join('/')} does not exist any more`);
      const next = JSON.stringify(change(entry.record));
      try {
        return await this.#write(
          (bucket) => bucket.update(this.#key(kind, path), next, entry.revision),
          `${kind} ${path.join('/')} changed meanwhile`,
        );
      } catch (error) {
        if (attempt === MAX_TRIES || !(error instanceof WaybillError) || error.code !== 'WB_CONFLICT') throw error;
        await this.#view.atLeast(entry.revision + 1, SEE_OWN_WRITE_MS);
      }
    }
  }

  /** Removes a record; removing what is not there is fine. */
  async remove(kind: RegistryKind, path: readonly string[]): Promise<void> {
    const bucket = await this.#open();
    try {
      await bucket.delete(this.#key(kind, path));
      const { state } = await this.#bus.jsm.streams.info(`KV_${REGISTRY_BUCKET}`);
      await this.#view.atLeast(state.last_seq, SEE_OWN_WRITE_MS);
    } catch (error) {
      throw away(error);
    }
  }

  async #write(write: (bucket: KV) => Promise<number>, conflict: string): Promise<number> {
    if (!this.#bus.isUp()) throw away(new Error('the connection is down'));
    try {
      const revision = await write(await this.#open());
      await this.#view.atLeast(revision, SEE_OWN_WRITE_MS);
      return revision;
    } catch (error) {
      if (isConflict(error)) throw new WaybillError('WB_CONFLICT', conflict, { cause: error });
      throw away(error);
    }
  }

  #open(): Promise<KV> {
    this.#bucket ??= new Kvm(this.#bus.js).open(REGISTRY_BUCKET).catch((error: unknown) => {
      this.#bucket = undefined;
      throw error;
    });
    return this.#bucket;
  }

  #key(kind: RegistryKind, path: readonly string[]): string {
    return [this.#region, kind, ...path].join('.');
  }
}

function isConflict(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('code' in error && error.code === WRONG_LAST_SEQUENCE) return true;
  return 'cause' in error && isConflict(error.cause);
}

function away(cause: unknown): WaybillError {
  const detail = `the registry cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new WaybillError('WB_NATS_AWAY', detail, { cause, extra: { retryAfterSeconds: 1 } });
}
