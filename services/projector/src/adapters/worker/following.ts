import { setTimeout as delay } from 'node:timers/promises';
import { streamNames } from '@waybill/contracts';
import { type Bus, connectBus } from '@waybill/transport';
import { applyFacts, applyRegistry, type Step } from '../../application/apply-batch.ts';
import { followLog, type LogMessage, type LogPorts } from '../../application/follow-log.ts';
import { followRegistry } from '../../application/follow-registry.ts';
import type { Feed } from '../../application/in-batches.ts';
import { keepFollowing, type Report } from '../../application/keep-following.ts';
import type { LiveNotice } from '../../application/live/live-ports.ts';
import type { BatchWatch, BatchWork } from '../../application/watch-batches.ts';
import type { WorkerPart } from '../../application/rebuild/rebuild-ports.ts';
import { judgeCopies, judgeLog } from '../../domain/continuity.ts';
import { type LiveChange, changeOf } from '../../domain/live/live-change.ts';
import type { LivePart } from '../../domain/live/live-position.ts';
import { type FactStream, openLogFeed } from '../nats/log-feed.ts';
import { registryEntries, REGISTRY_STREAM } from '../nats/registry-entries.ts';
import { copiesState, hasStream, nextSequence, streamState } from '../nats/stream-state.ts';
import type { ProjectionStore } from '../store/projection-store.ts';
import { later } from './later.ts';
import type { WorkerInput } from './protocol.ts';

export type Tell = (part: WorkerPart) => Report;
export type TellLive = (notice: LiveNotice) => void;
export type TellWork = (work: BatchWork) => void;

export const RETRY_MS = 1_000;
const REGISTRY_POLL_MS = 1_000;
const PEERS_POLL_MS = 2_000;

/** Waits; an abort ends the wait early and is no error. */
export const pause =
  (ms: number) =>
  (signal: AbortSignal): Promise<void> =>
    delay(ms, undefined, { signal }).catch(() => undefined);

/** Connects, waiting as long as it takes, and reports losses; undefined when told to stop meanwhile. */
export async function connected(input: WorkerInput, report: Report, signal: AbortSignal): Promise<Bus | undefined> {
  const onWaiting = (detail: string): void => report({ ok: false, detail });
  const connecting = connectBus({ ...input.nats, onWaiting });
  const bus = await Promise.race([connecting, aborted(signal)]);
  if (bus === undefined) return undefined;
  report({ ok: true });
  // Whoever was told to stop hangs up by itself: that is no loss.
  bus.onDisconnect(() => signal.aborted || report({ ok: false, detail: 'the connection to NATS is lost; reconnecting' }));
  bus.onReconnect(() => report({ ok: true }));
  return bus;
}

export const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });

/** What a projection works with. */
export interface Following {
  readonly bus: Bus;
  readonly store: ProjectionStore;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Told of each step after its commit; absent: nobody follows what is written here. */
  readonly tellLive?: TellLive;
  /** Told of batches that are worth it. */
  readonly watch?: BatchWatch;
  /** Whether it is asked which messages are of recorded traces. */
  readonly isTraced?: boolean;
}

type Open = (bus: Bus, stream: FactStream, after: number) => Promise<Feed<LogMessage>>;

export function logPorts(following: Following, stream: Pick<FactStream, 'name' | 'holdsCopies'>, open: Open): LogPorts {
  const { bus, store, report, tellLive, watch, isTraced = false } = following;
  const { name, holdsCopies } = stream;
  return {
    stream: name,
    checkpoint: () => store.checkpoint(name),
    state: (reached: number) => (holdsCopies ? copiesState(bus, name, reached) : streamState(bus, name)),
    judge: holdsCopies ? judgeCopies : judgeLog,
    open: (after: number) => open(bus, { name, holdsCopies, isTraced }, after),
    nextIn: (seq: number) => nextSequence(bus, name, seq),
    apply: (step, facts) =>
      applyFacts(store.inTransaction, step, facts, (changes) =>
        tellLive?.(noticeOf(holdsCopies ? 'peers' : 'log', step, changeOf(facts, changes))),
      ),
    report,
    later,
    watch,
  };
}

const noticeOf = (part: LivePart, { streamCreated: created, from, to }: Step, change: LiveChange | undefined): LiveNotice => ({
  kind: 'moved',
  part,
  created,
  from,
  to,
  ...(change === undefined ? {} : { change }),
});

/** Follows LOG, PEERS and the registry through the projector's durable consumers. Throws what starting again must cure. */
export async function followAll(parts: Omit<Following, 'report'>, region: string, tell: Tell): Promise<void> {
  const { log, peers } = streamNames(region);
  const stop = new AbortController();
  const following = { ...parts, signal: AbortSignal.any([parts.signal, stop.signal]) };
  const running = [
    followingLog({ ...following, report: tell('log') }, log),
    followingPeers({ ...following, report: tell('peers') }, peers),
    followingRegistry({ ...following, report: tell('registry') }),
  ];
  try {
    await Promise.all(running);
  } finally {
    // One that fails must not leave the others at work on a store that is about to be closed.
    stop.abort();
    await Promise.allSettled(running);
  }
}

function followingLog(following: Following, stream: string): Promise<void> {
  const ports = logPorts(following, { name: stream, holdsCopies: false }, openLogFeed);
  return keepFollowing((until) => followLog(ports, until), following.report, pause(RETRY_MS), following.signal);
}

/** There is no PEERS until the region has peers; it is looked for again and again, so that joining them needs no restart. */
function followingPeers(following: Following, stream: string): Promise<void> {
  const { bus, report, signal } = following;
  const ports = logPorts(following, { name: stream, holdsCopies: true }, openLogFeed);
  const follow = async (until: AbortSignal): Promise<void> => {
    if (await hasStream(bus, stream)) await followLog(ports, until);
    else report({ ok: true, detail: 'there are no peers' });
  };
  return keepFollowing(follow, report, pause(PEERS_POLL_MS), signal);
}

function followingRegistry({ bus, store, report, signal, tellLive }: Following): Promise<void> {
  const { apply, ...ports } = { ...registryPorts(bus, store), report, pause: pause(REGISTRY_POLL_MS) };
  const applyAndTell: typeof apply = async (step, versions) => {
    const applied = await apply(step, versions);
    if (applied === 'applied') tellLive?.(noticeOf('registry', step, { registry: true }));
    return applied;
  };
  return keepFollowing((until) => followRegistry({ ...ports, apply: applyAndTell }, until), report, pause(RETRY_MS), signal);
}

/** What reading the registry to its present end needs. */
export const registryPorts = (bus: Bus, store: ProjectionStore) => ({
  stream: REGISTRY_STREAM,
  checkpoint: () => store.checkpoint(REGISTRY_STREAM),
  state: () => streamState(bus, REGISTRY_STREAM),
  entries: (after: number) => registryEntries(bus, after),
  apply: applyRegistry.bind(undefined, store.inTransaction),
});
