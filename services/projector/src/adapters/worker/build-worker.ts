import { setTimeout as delay } from 'node:timers/promises';
import { streamNames } from '@waybill/contracts';
import type { Bus } from '@waybill/transport';
import { followLog } from '../../application/follow-log.ts';
import { readRegistryOnce } from '../../application/follow-registry.ts';
import type { BatchLimits, Feed } from '../../application/in-batches.ts';
import { FatalError } from '../../application/keep-following.ts';
import type { Built, BuildProgress } from '../../application/rebuild/build-state.ts';
import type { FactStream } from '../nats/log-feed.ts';
import { openScanFeed } from '../nats/scan-feed.ts';
import { hasStream, streamState } from '../nats/stream-state.ts';
import { checkpoints } from '../queries/totals.ts';
import { type Database, openDatabase, type StoreLocation, storeLocation } from '../store/database.ts';
import { dropIndexes } from '../store/deferred-indexes.ts';
import { flushToDisk } from '../store/generations-sqlite.ts';
import { type ProjectionStore, projectionStore } from '../store/projection-store.ts';
import { compareWithServing, type Positions } from './compare-generations.ts';
import { connected, logPorts, registryPorts, RETRY_MS } from './following.ts';
import { openMigrated } from './open-store.ts';
import type { BuildInput } from './protocol.ts';

export type TellProgress = (progress: BuildProgress) => void;

/**
 * Large, so that most events, deliveries and attempts are whole in one batch and written once. Between 2,000 and 20,000 the processor's time differs by
 * less than a tenth; 5,000 took the least, and a quarter less memory than 20,000.
 */
const BUILD_BATCH: BatchLimits = { size: 5_000, waitMs: 1_000, bytes: 32_000_000 };
/** So near to the present end, a generation may take over: what is left is read in a moment. */
const NEAR = 2_000;

/**
 * Builds one generation of the read models in an empty place, from the beginning of LOG, PEERS and registry to their present end, and compares it when
 * that is what it is for. Waits for NATS as long as it takes; throws what only a new build can cure.
 */
export async function runBuild(input: BuildInput, tell: TellProgress, signal: AbortSignal): Promise<Built | undefined> {
  const location = storeLocation(input, input.generation);
  let isConnected = false;
  const waiting = ({ detail }: { detail?: string }): void => {
    if (!isConnected && detail !== undefined) tell({ phase: 'waiting', read: 0, total: 0, detail });
  };
  const bus = await connected(input, waiting, signal);
  isConnected = true;
  if (bus === undefined) return undefined;
  const database = await openMigrated(location, { building: true });
  try {
    const build = new GenerationBuild(bus, database, input, tell);
    const makeIndexes = await dropIndexes(database);
    const comparison =
      input.purpose === 'verify' ? await compareWithServing(database, storeLocation(input, input.serving), build, signal) : null;
    if (input.purpose === 'rebuild') {
      await build.readToEnd(signal);
      await makeIndexes((made, of) => build.tell('indexing', `${made} of ${of} indexes`));
      await build.readToEnd(signal);
    }
    return { facts: build.facts, completeSinceMs: await completeSince(database), comparison };
  } finally {
    await bus.close();
    await database.close();
    if (input.purpose === 'rebuild') await settle(location);
  }
}

/** The newest of the times since when the parts are complete. */
async function completeSince(database: Database): Promise<number | null> {
  const times = (await checkpoints(database)).flatMap(({ complete_since: since }) => since ?? []);
  return times.length === 0 ? null : Math.max(...times);
}

/** Makes a file that was written in haste one that may be relied on. */
async function settle(location: StoreLocation): Promise<void> {
  if (location.engine === 'postgres') return;
  await openDatabase(location).close();
  flushToDisk(location.file);
}

/** Reads the streams into a generation, again and again from where it is. */
class GenerationBuild {
  readonly #bus: Bus;
  readonly #store: ProjectionStore;
  readonly #tell: TellProgress;
  readonly #streams: readonly FactStream[];
  readonly #totals = new Map<string, number>();
  #facts = 0;

  constructor(bus: Bus, database: Database, { REGION }: BuildInput, tell: TellProgress) {
    this.#bus = bus;
    this.#store = unforgiving(projectionStore(database));
    this.#tell = tell;
    const { log, peers } = streamNames(REGION);
    this.#streams = [
      { name: log, holdsCopies: false },
      { name: peers, holdsCopies: true },
    ];
  }

  /** Facts that were read so far. */
  get facts(): number {
    return this.#facts;
  }

  tell(phase: BuildProgress['phase'], detail?: string): void {
    const total = [...this.#totals.values()].reduce((sum, count) => sum + count, 0);
    const progress = { phase, read: this.#facts, total: Math.max(total, this.#facts) };
    this.#tell(detail === undefined ? progress : { ...progress, detail });
  }

  /** Reads until there are hardly more facts than can be read in a moment. */
  async readToEnd(signal: AbortSignal): Promise<void> {
    let before: number;
    do {
      before = this.#facts;
      await this.readTo({}, signal);
    } while (this.#facts - before > NEAR);
  }

  /** Reads each stream to a position, or to its present end. What it fails of is waited for, unless only a new build can cure it. */
  async readTo(positions: Positions, signal: AbortSignal): Promise<void> {
    for (const stream of this.#streams) await this.#patiently(() => this.#readStream(stream, positions, signal), signal);
    await this.#patiently(() => this.#readRegistry(), signal);
  }

  async #patiently(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      try {
        return await work();
      } catch (error) {
        if (error instanceof FatalError) throw error;
        this.tell('waiting', error instanceof Error ? error.message : String(error));
        await delay(RETRY_MS, undefined, { signal });
      }
    }
  }

  async #readStream(stream: FactStream, positions: Positions, signal: AbortSignal): Promise<void> {
    const { name, holdsCopies } = stream;
    if (holdsCopies && !(await hasStream(this.#bus, name))) return;
    const { firstSeq, lastSeq } = await streamState(this.#bus, name);
    this.#totals.set(name, lastSeq - Math.max(0, firstSeq - 1));
    const upTo = positions[name] ?? lastSeq;
    this.tell('reading');
    const following = { bus: this.#bus, store: this.#store, report: failWhenStopped, signal };
    const open = async (bus: Bus, of: FactStream, after: number) => this.#counted(openScanFeed(bus, of, { after, upTo }));
    await followLog(logPorts(following, stream, open), signal, BUILD_BATCH);
  }

  async #readRegistry(): Promise<void> {
    await readRegistryOnce({ ...registryPorts(this.#bus, this.#store), report: failWhenStopped });
  }

  #counted<T>(feed: Feed<T>): Feed<T> {
    const onEach = (): void => {
      this.#facts += 1;
      if (this.#facts % 5_000 === 0) this.tell('reading');
    };
    return { stop: () => feed.stop(), [Symbol.asyncIterator]: () => tellingEach(feed, onEach) };
  }
}

/** What the new store fails of is nothing to wait for. */
function unforgiving({ checkpoint, inTransaction }: ProjectionStore): ProjectionStore {
  return { checkpoint: (stream) => orFail(checkpoint(stream)), inTransaction: (work) => orFail(inTransaction(work)) };
}

const orFail = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw new FatalError(error instanceof Error ? error.message : String(error), { cause: error });
  });

async function* tellingEach<T>(feed: Feed<T>, onEach: () => void): AsyncGenerator<T, void> {
  for await (const item of feed) {
    onEach();
    yield item;
  }
}

/** A stream that was made anew or purged under a build ends it. */
function failWhenStopped({ ok, detail }: { ok: boolean; detail?: string }): void {
  if (!ok) throw new FatalError(detail ?? 'stopped');
}
