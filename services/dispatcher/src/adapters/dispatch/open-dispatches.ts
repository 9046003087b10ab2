import { dispatchIntendedSchema, dispatchSettledSchema, parseFactSubject, subjects } from '@waybill/contracts';
import type { GithubApp, GithubConfig } from '@waybill/github';
import type { Logger } from '@waybill/runtime';
import { type Bus, FactFollower, type Incoming, type Publish, type RegistryView } from '@waybill/transport';
import type { Channel, Early, Told } from '../../application/channel.ts';
import { CallGithub } from '../../application/dispatch/call-github.ts';
import { Conclusions, type ConclusionsPorts } from '../../application/dispatch/conclusions.ts';
import { DispatchChannel } from '../../application/dispatch/dispatch-channel.ts';
import { DispatchHistory } from '../../application/dispatch/dispatch-history.ts';
import { OwnRuns } from '../../application/dispatch/own-run.ts';
import { factBase, type DispatchWork, type SettledOutcome } from '../../application/dispatch/dispatch-work.ts';
import type { FollowedFacts } from '../../application/dispatch/dispatch-ports.ts';
import { StandInOrder } from '../../application/dispatch/stand-in-order.ts';
import { Turns } from '../../application/dispatch/turns.ts';
import type { EndpointGate } from '../../application/endpoint-gate.ts';
import { type Persistence, Stopping } from '../../application/persistence.ts';
import { HISTORY_MS } from '../../domain/dispatch/dispatch-index.ts';
import { parkDelayMs } from '../../domain/park-delay.ts';
import { dispatchWrites } from './dispatch-writes.ts';
import { githubCalls } from './github-calls.ts';

/** The GitHub App of the deployment, and what is said about it. */
export interface GithubAccess {
  readonly app: GithubApp;
  readonly config: GithubConfig;
}

export interface DispatchesParts extends Pick<ConclusionsPorts, 'schedule' | 'nowMs' | 'random'> {
  readonly region: string;
  readonly hasPeers: boolean;
  /** See OwnRunPorts. */
  readonly heardUntil: (untilMs: number) => Promise<boolean>;
  readonly github: GithubAccess;
  readonly bus: Bus;
  readonly publish: Publish;
  readonly registry: Pick<RegistryView, 'pauses'>;
  readonly gate: EndpointGate;
  readonly persistence: Persistence;
  readonly stop: AbortSignal;
  readonly logger: Logger;
}

/** What sends the workflow dispatches of a region. */
export interface Dispatches {
  readonly channel: Channel;
  /** What there is to be known, for the health report. */
  readonly remark: () => string | undefined;
  readonly close: () => void;
}

/** Opens what sends workflow dispatches; it begins to read what was said of them before. */
export function openDispatches(parts: DispatchesParts): Dispatches {
  const { region, gate, nowMs, github, registry } = parts;
  const { policy, recheckAfterMs, reconcileMs, limitedForMs } = github.config;
  const { history, follower, failure } = openHistory(parts);
  const { appendIntended, appendSettled } = dispatchWrites(parts);
  const conclusions = new Conclusions(parts);
  const settle = async (work: DispatchWork, outcome: SettledOutcome): Promise<void> => {
    const fact = { ...factBase(work, region, nowMs()), chain: work.target.chain, outcome };
    await appendSettled(fact, work.due.scope);
    history.noteSettled(fact);
  };
  const common = { region, history, conclusions, settle, nowMs, limitedForMs, order: new StandInOrder() };
  const calls = new CallGithub({
    ...common,
    ownRuns: new OwnRuns({ history, heardUntil: parts.heardUntil, nowMs }),
    github: githubCalls({ app: github.app, policy, pauses: () => registry.pauses() }),
    appendIntended,
    pause: (lane, untilMs) => gate.pause(lane, untilMs),
    recheckAfterMs,
    reconcileMs,
  });
  const channel = new DispatchChannel({
    ...common,
    calls,
    turns: new Turns(),
    pausedUntilMs: (lane) => gate.pausedUntilMs(lane),
    isStopping: () => gate.isStopped,
    random: parts.random,
  });
  const remark = (): string | undefined => {
    const paused = gate.paused().map(({ endpointId, untilMs }) => `${endpointId} waits until ${new Date(untilMs).toISOString()}`);
    return joined(failure() === undefined ? paused : [`facts of dispatches: ${failure()}`, ...paused]);
  };
  return { channel, remark, close: () => follower.close() };
}

/** How long it is told that dispatches wait, after the last one came by: a parked one comes back after at most 80 s. */
const TOLD_MS = 120_000;
const NO_APP = 'workflow dispatches wait: no GitHub App is set up here (GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY, GITHUB_WEBHOOK_SECRET)';

/** Without a GitHub App dispatches are parked until there is one, and that is told. */
export function withoutGithub({ nowMs, random }: Pick<DispatchesParts, 'nowMs' | 'random'>): Dispatches {
  let seenMs = Number.NEGATIVE_INFINITY;
  const parked = async ({ due }: Pick<Early, 'due'>): Promise<Told> => {
    seenMs = nowMs();
    return { kind: 'parked', dueMs: seenMs + parkDelayMs(due.parked, random()) };
  };
  return {
    channel: { before: parked, send: parked },
    remark: () => (nowMs() - seenMs < TOLD_MS ? NO_APP : undefined),
    close: () => undefined,
  };
}

function openHistory({ region, hasPeers, bus, persistence, stop, nowMs, logger }: DispatchesParts) {
  let failed: string | undefined;
  const follower = new FactFollower({
    bus,
    region,
    hasPeers,
    filter: subjects.dispatchFacts,
    sinceMs: nowMs() - HISTORY_MS,
    visit: (message) => note(history, message, logger),
    onFailure: (failure) => (failed = failure instanceof Error ? failure.message : undefined),
  });
  const stopped = new Promise<never>((_resolve, reject) => {
    stop.addEventListener('abort', () => reject(new Stopping('the process is stopping')), { once: true });
  });
  stopped.catch(() => undefined);
  const facts: FollowedFacts = {
    loaded: () => Promise.race([follower.loaded, stopped]),
    catchUp: () => persistence.until(() => follower.catchUp()),
  };
  const history = new DispatchHistory({ facts, nowMs });
  return { history, follower, failure: () => failed };
}

function note(history: DispatchHistory, { subject, body, stream, seq }: Incoming, logger: Logger): void {
  const type = parseFactSubject(subject)?.type;
  if (type !== 'dispatch.intended' && type !== 'dispatch.settled') return;
  try {
    const fact: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    if (type === 'dispatch.intended') history.noteIntended(dispatchIntendedSchema.parse(fact));
    else history.noteSettled(dispatchSettledSchema.parse(fact));
  } catch (error) {
    // One that cannot be read must not keep the others from being known.
    logger.error({ event: 'dispatch.unreadable', stream, seq, err: error }, 'a fact about a dispatch is left out');
  }
}

const joined = (told: readonly string[]): string | undefined => (told.length === 0 ? undefined : told.join('; '));
