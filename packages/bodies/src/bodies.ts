import { bodyBuckets, type BodyRef, type Scope, WaybillError } from '@waybill/contracts';
import type { Logger } from '@waybill/runtime';
import type { Bus, Publish } from '@waybill/transport';
import { ByteBudget } from './byte-budget.ts';
import { type BodyName, digestOf, ObjectBucket } from './object-bucket.ts';
import type { AskPeer } from './peer-bodies.ts';
import { Waits } from './waits.ts';

export interface BodiesOptions {
  readonly bus: Bus;
  readonly region: string;
  /** The other regions. */
  readonly peers: readonly string[];
  readonly askPeer: AskPeer;
  /** Absent: this process may only read. */
  readonly publish?: Publish | undefined;
  /** Whether what was fetched from another region is kept here. */
  readonly keepsCopies?: boolean;
  /** Bytes that may be in memory at once. */
  readonly maxBytesInMemory: number;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

/** A payload in memory until it is released. Many may hold the same one: it must not be changed. */
export interface HeldBody {
  readonly kind: 'held';
  readonly body: Buffer;
  /** To be called once. */
  readonly release: () => void;
}

/** `lost`: nobody has it, for certain. `away`: somebody who cannot be asked now may have it. */
export type BodyOutcome =
  | HeldBody
  | { readonly kind: 'lost'; readonly detail: string }
  | { readonly kind: 'away'; readonly detail: string };

/** What came of looking; `held` without who holds it. */
type Loaded = { readonly kind: 'held'; readonly body: Buffer } | Exclude<BodyOutcome, HeldBody>;

interface Shared {
  readonly loading: Promise<Loaded>;
  users: number;
}

/**
 * A payload that is needed again after this long is stored anew, so that its age does not end it before the events that carry it: buckets keep theirs four
 * days longer than the LOG its facts.
 */
const RENEW_AFTER_MS = 86_400_000;

/** The large payloads of events, as one process sees them: those of its region, and those that other regions have. */
export class Bodies {
  readonly #options: BodiesOptions;
  readonly #own: ObjectBucket;
  readonly #copies: ObjectBucket | undefined;
  readonly #budget: ByteBudget;
  readonly #shared = new Map<string, Shared>();
  readonly #keeping = new Map<string, Promise<void>>();
  readonly #waits: Waits;

  constructor(options: BodiesOptions) {
    const { bus, region, peers, maxBytesInMemory } = options;
    const { own, copies } = bodyBuckets(region);
    this.#options = options;
    this.#own = new ObjectBucket(bus, own);
    this.#copies = peers.length === 0 ? undefined : new ObjectBucket(bus, copies);
    this.#budget = new ByteBudget(maxBytesInMemory);
    this.#waits = new Waits(options.nowMs);
  }

  /** What is waited for, in words; undefined when nothing is. */
  get remark(): string | undefined {
    return this.#waits.remark;
  }

  /** Payloads that wait for room in memory. */
  get waiting(): number {
    return this.#budget.waiting;
  }

  /**
   * Stores a payload in this region, once for all events that carry it, and resolves with its reference when it is safe. Throws WB_NATS_AWAY, WB_LOG_FULL.
   */
  async keep(body: Uint8Array, scope: Scope): Promise<BodyRef> {
    const { region } = this.#options;
    const sha256 = digestOf(body);
    const key = `${scope}:${sha256}`;
    const keeping = this.#keeping.get(key) ?? this.#store({ sha256, scope }, body).finally(() => this.#keeping.delete(key));
    this.#keeping.set(key, keeping);
    await keeping;
    return { sha256, bytes: body.length, region };
  }

  /** Gets a payload, from here or from another region; many who ask at once cause one reading. Throws WB_NATS_AWAY for this region's own NATS. */
  async hold(ref: BodyRef, scope: Scope): Promise<BodyOutcome> {
    const key = `${scope}:${ref.sha256}`;
    const shared = this.#shared.get(key) ?? this.#share(key, ref, scope);
    shared.users += 1;
    const release = (): void => {
      shared.users -= 1;
      if (shared.users > 0) return;
      this.#shared.delete(key);
      this.#budget.give(ref.bytes);
    };
    try {
      const loaded = await shared.loading;
      if (loaded.kind === 'held') return { ...loaded, release };
      release();
      return loaded;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** For another region: what this one has and may give away; undefined when that is nothing. Throws WB_NATS_AWAY, WB_NOT_READY when memory is short. */
  async give(sha256: string): Promise<HeldBody | undefined> {
    const name: BodyName = { sha256, scope: 'g' };
    for (const bucket of this.#buckets()) {
      const stored = await bucket.find(name);
      if (stored === undefined) continue;
      const { bytes } = stored;
      if (!this.#budget.tryTake(bytes))
        throw new WaybillError('WB_NOT_READY', 'too many large payloads are in memory', { extra: { retryAfterSeconds: 1 } });
      const release = (): void => this.#budget.give(bytes);
      const reading = await bucket.get(name).catch((error: unknown) => {
        release();
        throw error;
      });
      if (reading.kind === 'present') {
        await this.#renew(bucket, name, reading);
        return { kind: 'held', body: reading.body, release };
      }
      release();
    }
    return undefined;
  }

  #buckets(): ObjectBucket[] {
    return this.#copies === undefined ? [this.#own] : [this.#own, this.#copies];
  }

  async #store(name: BodyName, body: Uint8Array): Promise<void> {
    const { publish, nowMs } = this.#options;
    if (publish === undefined) throw new Error('this process may not store payloads');
    const stored = await this.#own.find(name);
    if (stored !== undefined && nowMs() - stored.storedMs < RENEW_AFTER_MS) return;
    await this.#own.put(publish, name, body);
  }

  #share(key: string, ref: BodyRef, scope: Scope): Shared {
    const shared = { loading: this.#load(ref, scope), users: 0 };
    this.#shared.set(key, shared);
    return shared;
  }

  async #load(ref: BodyRef, scope: Scope): Promise<Loaded> {
    await this.#budget.take(ref.bytes);
    const name = { sha256: ref.sha256, scope };
    const body = await this.#fromHere(name);
    const loaded: Loaded = body === undefined ? await this.#fromElsewhere(ref, name) : { kind: 'held', body };
    this.#waits.note(ref.sha256, loaded.kind === 'away' ? loaded.detail : undefined);
    return loaded;
  }

  async #fromHere(name: BodyName): Promise<Buffer | undefined> {
    for (const bucket of this.#buckets()) {
      const reading = await bucket.get(name);
      if (reading.kind === 'damaged') await this.#setAside(bucket, name);
      if (reading.kind !== 'present') continue;
      await this.#renew(bucket, name, reading);
      return reading.body;
    }
    return undefined;
  }

  async #fromElsewhere(ref: BodyRef, name: BodyName): Promise<Loaded> {
    const { region, peers, askPeer, keepsCopies } = this.#options;
    const nowhere = { kind: 'lost', detail: `no region has the payload ${ref.sha256}` } as const;
    // A strict tenant's payload was never given to anybody.
    if (name.scope === 'l') return nowhere;
    const away: string[] = [];
    for (const peer of new Set([ref.region, ...peers])) {
      if (peer === region) continue;
      const answer = await askPeer(peer, ref);
      if (answer.kind === 'away') away.push(answer.detail);
      if (answer.kind !== 'present') continue;
      const bucket = ref.region === region ? this.#own : this.#copies;
      if (keepsCopies === true && bucket !== undefined) await this.#tryPut(bucket, name, answer.body);
      return { kind: 'held', body: answer.body };
    }
    return away.length === 0 ? nowhere : { kind: 'away', detail: away.join('; ') };
  }

  /** Whoever needs it now may need it again as late as an event that came in now. */
  async #renew(
    bucket: ObjectBucket,
    name: BodyName,
    { body, storedMs }: { readonly body: Buffer; readonly storedMs: number },
  ): Promise<void> {
    if (bucket === this.#own && this.#options.nowMs() - storedMs >= RENEW_AFTER_MS) await this.#tryPut(bucket, name, body);
  }

  /** Keeping is worth a try, but delivery does not depend on it. */
  async #tryPut(bucket: ObjectBucket, name: BodyName, body: Buffer): Promise<void> {
    const { publish, logger } = this.#options;
    if (publish === undefined) return;
    await bucket.put(publish, name, body).catch((error: unknown) => {
      logger.warn({ event: 'body.not_kept', sha256: name.sha256, bytes: body.length, err: error }, 'used all the same');
    });
  }

  async #setAside(bucket: ObjectBucket, name: BodyName): Promise<void> {
    const { publish, logger } = this.#options;
    // Copies that were partly evicted are the ordinary case.
    const level = bucket === this.#own ? 'error' : 'debug';
    logger[level]({ event: 'body.damaged', sha256: name.sha256 }, 'the stored payload is not whole');
    if (publish !== undefined) await bucket.remove(publish, name).catch(() => undefined);
  }
}
