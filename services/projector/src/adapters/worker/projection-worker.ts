import { setTimeout as delay } from 'node:timers/promises';
import { streamNames } from '@waybill/contracts';
import { type Bus, connectBus } from '@waybill/transport';
import { applyFacts, applyRegistry } from '../../application/apply-batch.ts';
import { followLog, type LogPorts } from '../../application/follow-log.ts';
import { followRegistry } from '../../application/follow-registry.ts';
import { FatalError, keepFollowing, type Report } from '../../application/keep-following.ts';
import { judgeCopies, judgeLog } from '../../domain/continuity.ts';
import { openLogFeed } from '../nats/log-feed.ts';
import { registryEntries, REGISTRY_STREAM } from '../nats/registry-entries.ts';
import { copiesState, hasStream, nextSequence, streamState } from '../nats/stream-state.ts';
import { type Database, openDatabase, storeLocation } from '../store/database.ts';
import { migrate } from '../store/migrate.ts';
import { type ProjectionStore, projectionStore } from '../store/projection-store.ts';
import { later } from './later.ts';
import type { WorkerInput, WorkerPart } from './protocol.ts';

type Tell = (part: WorkerPart) => Report;

const RETRY_MS = 1_000;
const REGISTRY_POLL_MS = 1_000;
const PEERS_POLL_MS = 2_000;

/** Waits; an abort ends the wait early and is no error. */
const pause =
  (ms: number) =>
  (signal: AbortSignal): Promise<void> =>
    delay(ms, undefined, { signal }).catch(() => undefined);

/** Runs all projections with a database and a NATS connection of their own until `signal` aborts. Throws only what a restart must cure. */
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
    const streams = streamNames(input.REGION);
    const log = followingLog({ bus, store, report: tell('log'), signal }, streams.log);
    const peers = followingPeers({ bus, store, report: tell('peers'), signal }, streams.peers);
    const registry = followingRegistry({ bus, store, report: tell('registry'), signal });
    await Promise.all([log, peers, registry]);
  } finally {
    await bus.close();
  }
}

async function connected(input: WorkerInput, report: Report, signal: AbortSignal): Promise<Bus | undefined> {
  const onWaiting = (detail: string): void => report({ ok: false, detail });
  const connecting = connectBus({ ...input.nats, onWaiting });
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

function logPorts({ bus, store, report }: Following, stream: string, holdsCopies: boolean): LogPorts {
  return {
    stream,
    checkpoint: () => store.checkpoint(stream),
    state: (reached: number) => (holdsCopies ? copiesState(bus, stream, reached) : streamState(bus, stream)),
    judge: holdsCopies ? judgeCopies : judgeLog,
    open: (after: number) => openLogFeed(bus, { name: stream, holdsCopies }, after),
    nextIn: (seq: number) => nextSequence(bus, stream, seq),
    apply: applyFacts.bind(undefined, store.inTransaction),
    report,
    later,
  };
}

function followingLog(following: Following, stream: string): Promise<void> {
  const ports = logPorts(following, stream, false);
  return keepFollowing((until) => followLog(ports, until), following.report, pause(RETRY_MS), following.signal);
}

/** There is no PEERS until the region has peers; it is looked for again and again, so that joining them needs no restart. */
function followingPeers(following: Following, stream: string): Promise<void> {
  const { bus, report, signal } = following;
  const ports = logPorts(following, stream, true);
  const follow = async (until: AbortSignal): Promise<void> => {
    if (await hasStream(bus, stream)) await followLog(ports, until);
    else report({ ok: true, detail: 'there are no peers' });
  };
  return keepFollowing(follow, report, pause(PEERS_POLL_MS), signal);
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
