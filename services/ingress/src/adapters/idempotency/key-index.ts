import { setImmediate as nextTurn } from 'node:timers/promises';
import { WaybillError } from '@waybill/contracts';
import type { DependencyState, Logger } from '@waybill/runtime';
import type { KeyEntry } from '../../application/keyed-events.ts';
import { type Checkpoint, KeyStore } from './key-store.ts';
import type { KeyLog } from './key-log.ts';

export interface KeyIndexOptions {
  readonly file: string;
  /** How long a key is remembered, in ms. */
  readonly ttlMs: number;
  readonly log: Logger;
  readonly nowMs: () => number;
  /** Time between two readings of the stream, in ms; 2 s unless told otherwise. */
  readonly readEveryMs?: number;
}

const READ_EVERY_MS = 2_000;
/** The stream itself recognises a repeat for a minute, so an index further behind than this is told long before it matters. */
const MAX_LAG_MS = 30_000;
/** Rows of one transaction: it holds the event loop for about this many times 5 µs. */
const WRITE_ROWS = 250;
const EXPIRE_ROWS = 500;
/** What was read back from the stream leaves the memory then; what never is (it was purged) after this long. */
const FORGET_RECENT_MS = 600_000;

/**
 * Which idempotency keys were used, and where in one stream: the LOG, or the copies of the other regions' events. The file is a projection of the
 * stream and can be lost at any time. What this process accepted itself is known at once, from memory, until the LOG was read up to it.
 */
export class KeyIndex {
  readonly #options: KeyIndexOptions;
  readonly #log: KeyLog;
  readonly #recent = new Map<string, KeyEntry>();
  #store: KeyStore;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  #currentAtMs: number | undefined;
  #failure: string | undefined;
  #closed = false;

  constructor(log: KeyLog, options: KeyIndexOptions) {
    this.#log = log;
    this.#options = options;
    this.#store = this.#open();
  }

  /** Starts to read the stream, and goes on until `close`. The first reading is what `find` waits for. */
  start(): void {
    const everyMs = this.#options.readEveryMs ?? READ_EVERY_MS;
    const again = async (): Promise<void> => {
      await this.read();
      if (!this.#closed) this.#timer = setTimeout(() => void again(), everyMs).unref();
    };
    void again();
  }

  /** Finds a key, expired or not. Throws WB_NOT_READY before the LOG was read once: an unknown key might then have been used. */
  find(key: string): KeyEntry | undefined {
    if (this.#currentAtMs === undefined) {
      throw new WaybillError('WB_NOT_READY', 'the idempotency index is being brought up to date', { extra: { retryAfterSeconds: 2 } });
    }
    return this.findAsFarAsRead(key);
  }

  /** Finds a key, expired or not, in what was read so far. Never throws. */
  findAsFarAsRead(key: string): KeyEntry | undefined {
    const recent = this.#recent.get(key);
    if (recent !== undefined) return recent;
    try {
      return this.#store.find(key);
    } catch (error) {
      this.#rebuild(error);
      return undefined;
    }
  }

  remember(entry: KeyEntry): void {
    this.#recent.set(entry.key, entry);
  }

  /** For the readiness report. */
  state(): DependencyState {
    if (this.#currentAtMs === undefined) return { ok: false, detail: this.#failure ?? `reading ${this.#log.name}` };
    const lagMs = this.#options.nowMs() - this.#currentAtMs;
    if (this.#failure === undefined && lagMs <= MAX_LAG_MS) return { ok: true };
    return { ok: lagMs <= MAX_LAG_MS, detail: `${Math.round(lagMs / 1000)} s behind ${this.#log.name}: ${this.#failure ?? ''}` };
  }

  /** Reads the stream from the checkpoint to its present end, once. Never throws: what fails shows in `state`. */
  read(): Promise<void> {
    this.#reading ??= this.#readAndExpire()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#reading;
    this.#store.close();
  }

  async #readAndExpire(): Promise<void> {
    const startedMs = this.#options.nowMs();
    const end = await this.#log.end();
    const from = this.#from(end, startedMs);
    if (from !== 'nothing new') await this.#copy(from, end, startedMs);
    this.#currentAtMs = startedMs;
    this.#failure = undefined;
    for (const [key, { atMs }] of this.#recent) if (atMs < startedMs - FORGET_RECENT_MS) this.#recent.delete(key);
    await this.#expire(startedMs - this.#options.ttlMs);
  }

  /** Where to read on: after the checkpoint, or where the TTL begins when that is later or the file belongs to another stream. */
  #from(end: Checkpoint, nowMs: number): { seq: number } | { timeMs: number } | 'nothing new' {
    const checkpoint = this.#store.checkpoint();
    const oldestMs = nowMs - this.#options.ttlMs;
    if (checkpoint === undefined) return { timeMs: oldestMs };
    if (checkpoint.stream !== end.stream || checkpoint.seq > end.seq) return this.#startOver(oldestMs);
    if (checkpoint.seq === end.seq) return 'nothing new';
    return checkpoint.atMs < oldestMs ? { timeMs: oldestMs } : { seq: checkpoint.seq + 1 };
  }

  #startOver(oldestMs: number): { timeMs: number } {
    const { name } = this.#log;
    this.#options.log.warn({ event: 'idempotency.log_replaced', name }, `${name} is another one than before: the index starts anew`);
    this.#replaceFile();
    return { timeMs: oldestMs };
  }

  async #copy(from: { seq: number } | { timeMs: number }, end: Checkpoint, startedMs: number): Promise<void> {
    let batch: KeyEntry[] = [];
    const flush = (seq: number, atMs: number): void => {
      this.#store.write(batch, { stream: end.stream, seq, atMs });
      for (const { key, seq: written } of batch) if ((this.#recent.get(key)?.seq ?? 0) <= written) this.#recent.delete(key);
      batch = [];
    };
    await this.#log.read(from, (seq, atMs, entry) => {
      if (entry !== undefined) batch.push(entry);
      if (batch.length >= WRITE_ROWS) flush(seq, atMs);
    });
    flush(Math.max(end.seq, batch.at(-1)?.seq ?? 0), startedMs);
  }

  async #expire(beforeMs: number): Promise<void> {
    while (!this.#closed && this.#store.expireBefore(beforeMs, EXPIRE_ROWS) === EXPIRE_ROWS) await nextTurn();
  }

  #failed(error: unknown): void {
    this.#failure = error instanceof Error ? error.message : String(error);
    if (isDamage(error)) this.#rebuild(error);
    else this.#options.log.debug({ event: 'idempotency.read_failed', err: error }, 'tried again soon');
  }

  #open(): KeyStore {
    const { file, log } = this.#options;
    try {
      return KeyStore.open(file);
    } catch (error) {
      if (codeOf(error) === BUSY) throw new WaybillError('WB_CONFIG_INVALID', `DATA_DIR: another process uses ${file}`, { cause: error });
      if (!isDamage(error)) throw error;
      log.warn({ event: 'idempotency.index_damaged', err: error }, `the index is made anew from ${this.#log.name}`);
      KeyStore.remove(file);
      return KeyStore.open(file);
    }
  }

  #rebuild(error: unknown): void {
    this.#options.log.warn({ event: 'idempotency.index_damaged', err: error }, `the index is made anew from ${this.#log.name}`);
    this.#replaceFile();
    this.#currentAtMs = undefined;
    void this.read();
  }

  #replaceFile(): void {
    try {
      this.#store.close();
    } catch {
      // Closing a damaged file may fail; it is removed next.
    }
    KeyStore.remove(this.#options.file);
    this.#store = this.#open();
  }
}

/** SQLite's result codes for a file that is locked; for a damaged one, and for one that is no database. */
const BUSY = 5;
const DAMAGED = new Set([11, 26]);

/** SQLite's primary result code: the low byte, the rest says more. -1 for other errors. */
function codeOf(error: unknown): number {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : -1;
}

const isDamage = (error: unknown): boolean => DAMAGED.has(codeOf(error));
