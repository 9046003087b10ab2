import { isWaybillError, WaybillError } from '@waybill/contracts';
import type { Database } from '../store/database.ts';
import { meansLostStore } from '../store/lost-store.ts';

export interface ReaderOptions {
  readonly open: (generation: number) => Database;
  /** Whether the projection has made the store. */
  readonly isMade: () => boolean;
  /** Told when what is read turns out to be damaged. */
  readonly onDamage: (reason: string) => void;
}

/** A database and how many reads are under way in it. */
interface Opened {
  readonly database: Database;
  readonly generation: number;
  reads: number;
}

/**
 * The read side, opened when it is first asked for: the projection thread makes the store. Another generation, or a file that was made anew, is read
 * from the next read on; those under way end where they began.
 */
export class Reader {
  readonly #options: ReaderOptions;
  #generation = 0;
  #opened: Opened | undefined;
  readonly #left = new Set<Opened>();

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Which generation is read from the next read on. */
  readFrom(generation: number): void {
    this.#generation = generation;
  }

  /** Runs a query. Throws WB_PROJECTOR_AWAY while the store cannot be reached. */
  async read<T>(query: (database: Database) => Promise<T>): Promise<T> {
    let opened: Opened | undefined;
    try {
      opened = this.#current();
      opened.reads += 1;
      return await query(opened.database);
    } catch (error) {
      if (isWaybillError(error)) throw error;
      if (opened !== undefined && this.#isDamage(error, opened)) this.#options.onDamage(error instanceof Error ? error.message : '');
      throw new WaybillError('WB_PROJECTOR_AWAY', 'the database does not answer', { cause: error });
    } finally {
      if (opened !== undefined) await this.#leave(opened);
    }
  }

  async close(): Promise<void> {
    for (const { database } of this.#left) await database.close();
    await this.#opened?.database.close();
  }

  #current(): Opened {
    const opened = this.#opened;
    const isNewest = opened?.generation === this.#generation && opened.database.isPresent();
    if (opened !== undefined && (isNewest || !this.#options.isMade())) return opened;
    if (!this.#options.isMade()) throw new WaybillError('WB_PROJECTOR_AWAY', 'the read models are not open yet');
    this.#opened = { database: this.#options.open(this.#generation), generation: this.#generation, reads: 0 };
    if (opened !== undefined) void this.#retire(opened);
    return this.#opened;
  }

  async #retire(opened: Opened): Promise<void> {
    if (opened.reads === 0) return opened.database.close();
    this.#left.add(opened);
  }

  async #leave(opened: Opened): Promise<void> {
    opened.reads -= 1;
    if (opened.reads > 0 || !this.#left.delete(opened)) return;
    await opened.database.close();
  }

  /** What is read after it was put aside says nothing about what serves now. */
  #isDamage(error: unknown, opened: Opened): boolean {
    return meansLostStore(error) && opened === this.#opened && opened.database.isPresent() && this.#options.isMade();
  }
}
