import { jetstream, type JetStreamClient, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { errors } from '@nats-io/nats-core';
import { connect, type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';
import { setTimeout as sleep } from 'node:timers/promises';
import { WaybillError } from '@waybill/contracts';
import { followConnection } from './connection-state.ts';
import { Turn } from './turn.ts';

/** A connection to one region's NATS, with what is known of its state. */
export interface Bus {
  readonly nc: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  /** What subjects for answers must begin with; undefined: the client's default. */
  readonly inboxPrefix?: string | undefined;
  /** False from the moment the connection is lost until it is back. */
  isUp(): boolean;
  /** Calls `listener` after each loss of the connection; returns how to stop. */
  onDisconnect(listener: () => void): () => void;
  /** Calls `listener` after each regained connection; returns how to stop. */
  onReconnect(listener: () => void): () => void;
  /** What this process sends to NATS in one turn of the event loop leaves together. */
  readonly turn: Turn;
  close(): Promise<void>;
}

export interface BusOptions {
  /** One URL, or several separated by commas. */
  readonly servers: string;
  /** Shows in the server's connection list. */
  readonly name: string;
  readonly user?: string | undefined;
  /** Of the user; without a user it is a token. */
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  /** The user may only hear answers below this, as `_INBOX_us-central1.planner`. */
  readonly inboxPrefix?: string | undefined;
  /** JetStream domain, when it is not the server's own. */
  readonly domain?: string | undefined;
  /** Told once when the first connection has to be waited for. */
  readonly onWaiting?: (detail: string) => void;
  /** Ends the wait for the first connection, within about 2 s. */
  readonly signal?: AbortSignal | undefined;
}

/** How long the first connection is tried quietly before the waiting is told. */
const QUIET_MS = 1_000;
const RETRY_MS = 250;

/**
 * Connects to NATS and waits for it as long as it takes; a lost connection is regained by itself, for ever, also when the credentials are refused
 * for a while. Throws WB_NATS_AWAY at once when they are refused at first, WB_CONFIG_INVALID for servers that are no addresses, and the signal's
 * reason.
 */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const waiting = setTimeout(() => options.onWaiting?.(`waiting for NATS at ${hostsOf(options.servers)}`), QUIET_MS);
  try {
    const nc = await connectPatiently(options);
    const { domain, inboxPrefix } = options;
    return await busOf(nc, { inboxPrefix, api: { timeout: 5_000, ...(domain === undefined ? {} : { domain }) } });
  } finally {
    clearTimeout(waiting);
  }
}

async function connectPatiently(options: BusOptions): Promise<NatsConnection> {
  const settings = settingsOf(options);
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      return await connect(settings);
    } catch (error) {
      throwIfFinal(error, options);
      await sleep(RETRY_MS, undefined, { signal: options.signal }).catch(() => options.signal?.throwIfAborted());
    }
  }
}

function throwIfFinal(cause: unknown, { servers, user }: BusOptions): void {
  if (cause instanceof errors.AuthorizationError || cause instanceof errors.UserAuthenticationExpiredError) {
    const who = user === undefined ? 'the credentials' : `the credentials of user ${user}`;
    throw new WaybillError('WB_NATS_AWAY', `NATS at ${hostsOf(servers)} refuses ${who}`, { cause });
  }
  if (cause instanceof errors.InvalidArgumentError || cause instanceof TypeError)
    throw new WaybillError('WB_CONFIG_INVALID', `NATS cannot be reached at ${hostsOf(servers)}: ${cause.message}`, { cause });
}

/** `noAsyncTraces` because stack traces cost more than the request (98 against 31-40 µs a publish). */
function settingsOf({ servers, name, inboxPrefix, ...login }: BusOptions): ConnectionOptions {
  return {
    servers: servers.split(','),
    name,
    ...credentials(login),
    ...(inboxPrefix === undefined ? {} : { inboxPrefix }),
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: RETRY_MS,
    reconnectJitter: 100,
    timeout: 2_000,
    pingInterval: 5_000,
    maxPingOut: 2,
    noAsyncTraces: true,
  };
}

function credentials({ user, password, token }: Pick<BusOptions, 'user' | 'password' | 'token'>): ConnectionOptions {
  if (user !== undefined) return { user, pass: password ?? '' };
  const key = token ?? password;
  return key === undefined ? {} : { token: key };
}

/** Addresses without what may be secret in them. */
const hostsOf = (servers: string): string => servers.replaceAll(/\/\/[^/@,]*@/g, '//');

interface Way {
  readonly inboxPrefix: string | undefined;
  readonly api: { readonly timeout: number; readonly domain?: string };
}

async function busOf(nc: NatsConnection, { inboxPrefix, api }: Way): Promise<Bus> {
  const state = followConnection(nc);
  return {
    nc,
    js: jetstream(nc, api),
    jsm: await jetstreamManager(nc, { checkAPI: false, ...api }),
    inboxPrefix,
    ...state,
    turn: new Turn(),
    close: async () => {
      if (!nc.isClosed()) await nc.close();
    },
  };
}
