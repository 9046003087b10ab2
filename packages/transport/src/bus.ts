import { connect, type NatsConnection } from '@nats-io/transport-node';
import { jetstream, type JetStreamClient, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import { followConnection } from './connection-state.ts';
import { Turn } from './turn.ts';

/** A connection to one region's NATS, with what is known of its state. */
export interface Bus {
  readonly nc: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  /** Where this connection's answers come in; undefined for the global inbox. */
  readonly inboxPrefix: string | undefined;
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
  /** With `user` its password. Without a user it is a token (the one `REGION_KEY` of earlier setups). */
  readonly password?: string | undefined;
  /** Where answers come in; a user with permissions may only listen there. Default: the global `_INBOX`. */
  readonly inboxPrefix?: string | undefined;
  /** Told once when the first connection has to be waited for. */
  readonly onWaiting?: (detail: string) => void;
}

/** How long the first connection is tried quietly before the waiting is told. */
const QUIET_MS = 1_000;

/**
 * Connects to NATS and waits for it as long as it takes; a lost connection is regained by itself, for ever.
 * `noAsyncTraces` because stack traces cost more than the request (98 against 31-40 µs a publish).
 */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const waiting = setTimeout(() => options.onWaiting?.(`waiting for NATS at ${options.servers}`), QUIET_MS);
  try {
    const nc = await connect({
      servers: options.servers.split(','),
      name: options.name,
      ...credentialsOf(options),
      ...(options.inboxPrefix === undefined ? {} : { inboxPrefix: options.inboxPrefix }),
      waitOnFirstConnect: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 100,
      timeout: 2_000,
      pingInterval: 5_000,
      maxPingOut: 2,
      noAsyncTraces: true,
    });
    return await busOf(nc, options.inboxPrefix);
  } finally {
    clearTimeout(waiting);
  }
}

function credentialsOf({ user, password }: BusOptions): { user?: string; pass?: string; token?: string } {
  if (user !== undefined) return { user, pass: password ?? '' };
  return password === undefined ? {} : { token: password };
}

async function busOf(nc: NatsConnection, inboxPrefix: string | undefined): Promise<Bus> {
  const state = followConnection(nc);
  return {
    nc,
    js: jetstream(nc, { timeout: 5_000 }),
    jsm: await jetstreamManager(nc, { checkAPI: false, timeout: 5_000 }),
    inboxPrefix,
    ...state,
    turn: new Turn(),
    close: async () => {
      if (!nc.isClosed()) await nc.close();
    },
  };
}
