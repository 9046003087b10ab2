import { FatalError } from '../../application/keep-following.ts';
import { type Database, storeLocation } from '../store/database.ts';
import { meansLostStore } from '../store/lost-store.ts';
import { type ProjectionStore, projectionStore } from '../store/projection-store.ts';
import { connected, followAll, type Tell } from './following.ts';
import { openStore } from './open-store.ts';
import type { WorkerInput } from './protocol.ts';

/** Ends the following of a store that is lost, so that a new one is made. */
class LostStoreError extends FatalError {}

/**
 * Runs all projections with a database and a NATS connection of their own until `signal` aborts. A store that is lost under them, or found damaged by
 * a reader (`suspected`), is made anew and filled from the log.
 */
export async function runProjections(input: WorkerInput, tell: Tell, signals: Signals): Promise<void> {
  const location = storeLocation(input, input.generation);
  let lost: string | undefined;
  do {
    const database = await openStore({ location, report: tell('database'), signal: signals.stop, lost });
    if (database === undefined) return;
    try {
      lost = await projectUntilLost(database, input, tell, signals);
    } finally {
      await database.close();
    }
    if (lost !== undefined) tell('database')({ ok: false, detail: lost });
  } while (lost !== undefined);
}

/** What the serving thread may ask for: to stop, or to give a damaged store up, for a reason. */
export interface Signals {
  readonly stop: AbortSignal;
  /** Calls `listener` when a reader found the store damaged; returns how to stop. */
  readonly onDamage: (listener: (reason: string) => void) => () => void;
}

/** Why the store was lost; undefined when told to stop. */
async function projectUntilLost(database: Database, input: WorkerInput, tell: Tell, signals: Signals): Promise<string | undefined> {
  const damaged = new AbortController();
  const forget = signals.onDamage((reason) => damaged.abort(new LostStoreError(reason)));
  const signal = AbortSignal.any([signals.stop, damaged.signal]);
  try {
    const bus = await connected(input, tell('nats'), signal);
    if (bus === undefined) return reasonOf(damaged.signal.reason);
    try {
      await followAll({ bus, store: watched(projectionStore(database), database), signal }, input.REGION, tell);
    } finally {
      await bus.close();
    }
    return reasonOf(damaged.signal.reason);
  } catch (error) {
    if (error instanceof LostStoreError) return error.message;
    throw error;
  } finally {
    forget();
  }
}

const reasonOf = (reason: unknown): string | undefined => (reason instanceof Error ? reason.message : undefined);

/** A SQLite file that was deleted under us still takes writes, which nobody will ever see. */
function watched(store: ProjectionStore, database: Database): ProjectionStore {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!database.isPresent()) throw new LostStoreError('the database file is gone');
    try {
      return await work();
    } catch (error) {
      if (!meansLostStore(error)) throw error;
      throw new LostStoreError(`the store is damaged: ${error instanceof Error ? error.message : ''}`, { cause: error });
    }
  };
  return {
    checkpoint: (stream) => guarded(() => store.checkpoint(stream)),
    inTransaction: (work) => guarded(() => store.inTransaction(work)),
  };
}
