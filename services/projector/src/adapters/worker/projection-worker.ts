import { setTimeout as delay } from 'node:timers/promises';
import { streamNames } from '@waybill/contracts';
import { type Bus, connectBus } from '@waybill/transport';
import { applyFacts, applyRegistry } from '../../application/apply-batch.ts';
import { followLog } from '../../application/follow-log.ts';
import { followRegistry } from '../../application/follow-registry.ts';
import { FatalError, keepFollowing, type Report } from '../../application/keep-following.ts';
import { openLogFeed } from '../nats/log-feed.ts';
import { registryEntries, REGISTRY_STREAM } from '../nats/registry-entries.ts';
import { nextSequence, streamState } from '../nats/stream-state.ts';
import { type Database, openDatabase, storeLocation } from '../store/database.ts';
import { migrate } from '../store/migrate.ts';
import { type ProjectionStore, projectionStore } from '../store/projection-store.ts';
import { later } from './later.ts';
import type { WorkerInput, WorkerPart } from './protocol.ts';

type Tell = (part: WorkerPart) => Report;

const RETRY_MS = 1_000;
const REGISTRY_POLL_MS = 1_000;

/** Waits; an abort ends the wait early and is no error. */
const pause =
  (ms: number) =>
  (signal: AbortSignal): Promise<void> =>
    delay(ms, undefined, { signal }).catch(() => undefined);

/** Runs both projections with a database and a NATS connection of their own until `signal` aborts. Throws only what a restart must cure. */
export async function runProjections(input: WorkerInput, tell: Tell, signal: AbortSignal): Promise<void> {
  const database = await openStore(input, tell('database'), signal);
  if (database === undefined) return;
  try {
    await projectInto(database, input, tell, signal);
  } finally {
    await database.close();
  }
}

/** Opens and migrates the store, waiting for it as long as it takes; undefined when told to stop meanwhile. */
async function openStore(input: WorkerInput, report: Report, signal: AbortSignal): Promise<Database | undefined> {
  const database = openDatabase(storeLocation(input), { connections: 2 });
  let migrated = false;
  const once = new AbortController();
  const either = AbortSignal.any([signal, once.signal]);
  const tryMigration = async (): Promise<void> => {
    await migrate(database);
    migrated = true;
    once.abort();
  };
  await keepFollowing(tryMigration, report, pause(RETRY_MS), either);
  if (!migrated) {
    await database.close();
    return undefined;
  }
  report({ ok: true });
  return database;
}

async function projectInto(database: Database, input: WorkerInput, tell: Tell, signal: AbortSignal): Promise<void> {
  const bus = await connected(input, tell('nats'), signal);
  if (bus === undefined) return;
  const store = watched(projectionStore(database), database);
  try {
    const log = followingLog({ bus, store, report: tell('log'), signal }, streamNames(input.REGION).log);
    const registry = followingRegistry({ bus, store, report: tell('registry'), signal });
    await Promise.all([log, registry]);
  } finally {
    await bus.close();
  }
}

async function connected(input: WorkerInput, report: Report, signal: AbortSignal): Promise<Bus | undefined> {
  const onWaiting = (detail: string): void => report({ ok: false, detail });
  const connecting = connectBus({
    servers: input.NATS_URL,
    name: `projector-${input.REGION}`,
    user: input.NATS_USER,
    password: input.NATS_PASSWORD,
    onWaiting,
  });
  const bus = await Promise.race([connecting, aborted(signal)]);
  if (bus === undefined) return undefined;
  report({ ok: true });
  bus.onDisconnect(() => report({ ok: false, detail: 'the connection to NATS is lost; reconnecting' }));
  bus.onReconnect(() => report({ ok: true }));
  return bus;
}

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });

/** A SQLite file that was deleted under us still takes writes, which nobody will ever see. */
const watched = (store: ProjectionStore, database: Database): ProjectionStore => ({
  ...store,
  inTransaction: async (work) => {
    if (!database.isPresent()) throw new FatalError('the database file is gone: starting again with a new one');
    return store.inTransaction(work);
  },
});

/** What a projection works with. */
interface Following {
  readonly bus: Bus;
  readonly store: ProjectionStore;
  readonly report: Report;
  readonly signal: AbortSignal;
}

function followingLog({ bus, store, report, signal }: Following, stream: string): Promise<void> {
  const ports = {
    stream,
    checkpoint: () => store.checkpoint(stream),
    state: () => streamState(bus, stream),
    open: (after: number) => openLogFeed(bus, stream, after),
    nextIn: (seq: number) => nextSequence(bus, stream, seq),
    apply: applyFacts.bind(undefined, store.inTransaction),
    report,
    later,
  };
  return keepFollowing((until) => followLog(ports, until), report, pause(RETRY_MS), signal);
}

function followingRegistry({ bus, store, report, signal }: Following): Promise<void> {
  const ports = {
    stream: REGISTRY_STREAM,
    checkpoint: () => store.checkpoint(REGISTRY_STREAM),
    state: () => streamState(bus, REGISTRY_STREAM),
    entries: (after: number) => registryEntries(bus, after),
    apply: applyRegistry.bind(undefined, store.inTransaction),
    report,
    pause: pause(REGISTRY_POLL_MS),
  };
  return keepFollowing((until) => followRegistry(ports, until), report, pause(RETRY_MS), signal);
}
