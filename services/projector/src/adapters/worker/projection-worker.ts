import { streamNames } from '@waybill/contracts';
import { preciseNow } from '@waybill/runtime/recording';
import { FatalError } from '../../application/keep-following.ts';
import type { LiveNotice } from '../../application/live/live-ports.ts';
import { REGISTRY_STREAM } from '../nats/registry-entries.ts';
import { checkpoints } from '../queries/totals.ts';
import { type Database, storeLocation } from '../store/database.ts';
import { meansLostStore } from '../store/lost-store.ts';
import { type ProjectionStore, projectionStore } from '../store/projection-store.ts';
import type { CheckpointRow } from '../store/schema.ts';
import { connected, followAll, pause, RETRY_MS, type Tell, type TellLive, type TellWork } from './following.ts';
import { openStore } from './open-store.ts';
import type { WorkerInput } from './protocol.ts';

/** Ends the following of a store that is lost, so that a new one is made. */
class LostStoreError extends FatalError {}

/**
 * Runs all projections with a database and a NATS connection of their own until `signal` aborts. A store that is lost under them, or found damaged by
 * a reader (`suspected`), is made anew and filled from the log.
 */
export async function runProjections(input: WorkerInput, tells: Tells, signals: Signals): Promise<void> {
  const { tell } = tells;
  const location = storeLocation(input, input.generation);
  let lost: string | undefined;
  do {
    const database = await openStore({ location, report: tell('database'), signal: signals.stop, lost });
    if (database === undefined) return;
    try {
      lost = await projectUntilLost(database, input, tells, signals);
    } finally {
      await database.close();
    }
    if (lost !== undefined) tell('database')({ ok: false, detail: lost });
  } while (lost !== undefined);
}

/** Whom the thread tells how it is, and what it wrote. */
export interface Tells {
  readonly tell: Tell;
  readonly tellLive: TellLive;
  readonly tellWork: TellWork;
}

/** What the serving thread may ask for: to stop, or to give a damaged store up, for a reason. */
export interface Signals {
  readonly stop: AbortSignal;
  /** Calls `listener` when a reader found the store damaged; returns how to stop. */
  readonly onDamage: (listener: (reason: string) => void) => () => void;
}

/** Why the store was lost; undefined when told to stop. */
async function projectUntilLost(database: Database, input: WorkerInput, tells: Tells, signals: Signals): Promise<string | undefined> {
  const { tell, tellLive, tellWork } = tells;
  const damaged = new AbortController();
  const forget = signals.onDamage((reason) => damaged.abort(new LostStoreError(reason)));
  const signal = AbortSignal.any([signals.stop, damaged.signal]);
  try {
    await tellOpened(database, input.REGION, tells, signal);
    const bus = await connected(input, tell('nats'), signal);
    if (bus === undefined) return reasonOf(damaged.signal.reason);
    try {
      const following = { bus, store: watched(projectionStore(database), database), signal, tellLive, isTraced: input.isTraced };
      await followAll({ ...following, watch: { nowMs: preciseNow, tell: tellWork } }, input.REGION, tell);
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

/** Waits for a database that is away; says nothing when told to stop meanwhile. */
async function tellOpened(database: Database, region: string, { tell, tellLive }: Tells, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      tellLive(openedAt(region, await checkpoints(database)));
      return tell('database')({ ok: true });
    } catch (error) {
      tell('database')({ ok: false, detail: `waiting: ${error instanceof Error ? error.message : String(error)}` });
      await pause(RETRY_MS)(signal);
    }
  }
}

function openedAt(region: string, rows: readonly CheckpointRow[]): LiveNotice {
  const { log, peers } = streamNames(region);
  const at = (name: string) => rows.find(({ stream }) => stream === name);
  return {
    kind: 'opened',
    position: { log: at(log)?.seq ?? 0, peers: at(peers)?.seq ?? 0, registry: at(REGISTRY_STREAM)?.seq ?? 0 },
    streams: { log: at(log)?.stream_created ?? null, peers: at(peers)?.stream_created ?? null },
  };
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
