import { isWaybillError, WaybillError } from '@waybill/contracts';
import type { Database } from '../store/database.ts';

/** The read side, opened when it is first asked for: the projection thread makes the store. */
export class Reader {
  readonly #open: () => Database;
  readonly #isMade: () => boolean;
  #database: Database | undefined;

  constructor(open: () => Database, isMade: () => boolean) {
    this.#open = open;
    this.#isMade = isMade;
  }

  /** Runs a query. Throws WB_PROJECTOR_AWAY while the store cannot be reached. */
  async read<T>(query: (database: Database) => Promise<T>): Promise<T> {
    if (this.#database === undefined && !this.#isMade()) throw new WaybillError('WB_PROJECTOR_AWAY', 'the read models are not open yet');
    try {
      this.#database ??= this.#open();
      return await query(this.#database);
    } catch (error) {
      if (isWaybillError(error)) throw error;
      throw new WaybillError('WB_PROJECTOR_AWAY', 'the database does not answer', { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.#database?.close();
  }
}
