import { streamNames } from '@waybill/contracts';
import type { Bus } from './bus.ts';
import type { Incoming } from './incoming.ts';
import { scanStream } from './scan-stream.ts';

export interface FactFollowerOptions {
  readonly bus: Bus;
  /** The region whose LOG is followed, and its copy of the other regions' facts. */
  readonly region: string;
  readonly hasPeers: boolean;
  /** For both streams, such as `subjects.dispatchFacts`; several must not overlap, and cost a request each. */
  readonly filter: string | readonly string[];
  /** Facts that were stored before are not visited, ms since 1970. */
  readonly sinceMs: number;
  /** Called once a fact, in the order of each stream; after a rebuild of PEERS, again. */
  readonly visit: (message: Incoming) => void;
  /** Told when reading fails, and `undefined` when it works again. */
  readonly onFailure?: ((failure: unknown) => void) | undefined;
}

/** How often it is looked for something new. */
const POLL_MS = 500;
/** A scan is answered by one replica, and the end of the stream told by the leader: by how much the former may be behind. */
const LAG_MS = 10_000;

interface Place {
  readonly stream: string;
  /** When this stream was made: one that was made anew has other sequences. */
  created: string;
  readTo: number;
  /** An end that was told, and when: it is passed over once every replica has had the time to get there. */
  told: { readonly seq: number; readonly atMs: number };
}

/**
 * Follows the facts of one kind in a region's LOG and in PEERS, and keeps nothing itself. For readers that hold a small index of rare facts in memory:
 * one request every half second tells that there is nothing new. It needs no durable consumer, so every process may have its own.
 */
export class FactFollower {
  readonly #options: FactFollowerOptions;
  readonly #filters: readonly string[];
  readonly #places: Place[];
  readonly #timer: NodeJS.Timeout;
  readonly #loaded = Promise.withResolvers<void>();
  #reading: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #failed = false;
  #isClosed = false;

  constructor(options: FactFollowerOptions) {
    this.#options = options;
    this.#filters = typeof options.filter === 'string' ? [options.filter] : options.filter;
    const { log, peers } = streamNames(options.region);
    this.#places = [log, ...(options.hasPeers ? [peers] : [])].map((stream) => ({
      stream,
      created: '',
      readTo: 0,
      told: { seq: 0, atMs: 0 },
    }));
    this.#timer = setInterval(() => this.#poll(), POLL_MS).unref();
    this.#poll();
  }

  /** Resolves when all was visited that was there at the start; keeps trying while NATS is away. */
  get loaded(): Promise<void> {
    return this.#loaded.promise;
  }

  /** Resolves when all was visited that the two streams held when this was called; rejects when they cannot be read. */
  catchUp(): Promise<void> {
    if (this.#reading === undefined) return this.#start();
    // What runs may have passed the end before this call: another reading begins after it, one for all who wait.
    this.#next ??= this.#reading
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#start();
      });
    return this.#next;
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
  }

  #poll(): void {
    if (this.#reading !== undefined || this.#isClosed) return;
    this.#start().then(
      () => this.#tell(undefined),
      (failure: unknown) => this.#tell(failure),
    );
  }

  #tell(failure: unknown): void {
    if (failure === undefined) this.#loaded.resolve();
    if ((failure !== undefined) === this.#failed || this.#isClosed) return;
    this.#failed = failure !== undefined;
    this.#options.onFailure?.(failure);
  }

  #start(): Promise<void> {
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    await Promise.all(this.#places.map((place) => this.#read(place)));
  }

  async #read(place: Place): Promise<void> {
    const { bus, sinceMs, visit } = this.#options;
    const { stream } = place;
    if (place.readTo > 0 && !(await this.#hasMore(place))) return;
    const { created, state } = await bus.jsm.streams.info(stream);
    if (created !== place.created) Object.assign(place, { created, readTo: 0, told: { seq: 0, atMs: 0 } });
    const settled = Date.now() - place.told.atMs >= LAG_MS ? place.told.seq : undefined;
    const from = place.readTo === 0 ? { fromTimeMs: sinceMs } : { fromSeq: place.readTo + 1 };
    // Nothing to scan: the server refuses to begin beyond the end of an empty stream by time.
    if (state.messages > 0) {
      await scanStream(bus, { stream, subjects: this.#filters, ...from }, (message) => {
        visit(message);
        place.readTo = message.seq;
      });
    }
    if (settled === undefined) return;
    place.readTo = Math.max(place.readTo, settled);
    place.told = { seq: state.last_seq, atMs: Date.now() };
  }

  /** One request a filter; also when the stream was made anew and is shorter than it was. */
  async #hasMore({ stream, readTo }: Place): Promise<boolean> {
    const { bus } = this.#options;
    const next = await Promise.all(
      this.#filters.map((filter) => bus.jsm.direct.getMessage(stream, { seq: readTo + 1, next_by_subj: filter })),
    );
    if (next.some((message) => message !== null)) return true;
    const { state } = await bus.jsm.streams.info(stream);
    return state.last_seq < readTo;
  }
}
