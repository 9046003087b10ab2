import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Bus } from './bus.ts';

/** A stream's configuration as the server tells it; only the name is of interest here. */
const configSchema = z.looseObject({ name: z.string() });
export type SnapshotConfig = z.infer<typeof configSchema>;

const stateSchema = z.looseObject({ messages: z.int(), bytes: z.int(), first_seq: z.int(), last_seq: z.int() });
export type SnapshotState = z.infer<typeof stateSchema>;

/** What a snapshot holds: the stream as it was when the snapshot began. */
export interface StreamSnapshot {
  readonly config: SnapshotConfig;
  readonly state: SnapshotState;
}

const errorSchema = z.object({ err_code: z.int().optional(), description: z.string() });
const snapshotReply = z.object({ error: errorSchema.optional(), config: configSchema.optional(), state: stateSchema.optional() });
const restoreReply = z.object({ error: errorSchema.optional(), deliver_subject: z.string().optional() });

/** The server sends so much ahead of what was taken. Chunks must fit into its `max_payload` of 1 MiB. */
const CHUNK_BYTES = 128 * 1024;
const WINDOW_BYTES = 4 * 1024 * 1024;
/** A cluster first has to choose a leader for a stream that is restored, and checks a snapshot before it says so. */
const ASK_MS = 30_000;
/** The server gives up after 5 s without an answer, and says so; this is for a server that cannot say it. */
const SILENCE_MS = 20_000;
const CHUNK_MS = 30_000;
/** How long the server may take to bring a restored stream to life. */
const FINISH_MS = 120_000;

/**
 * Reads a stream with its consumers as the server's own snapshot (`$JS.API.STREAM.SNAPSHOT`, since 2.15 an s2-compressed archive of messages), while it
 * is written to. `take` is given one chunk after the other, and the next one when it resolves. Throws when the server gives up or anything is missing; then
 * what was taken is of no use. Verified on nats-server 2.15.1.
 */
export async function snapshotStream(bus: Bus, stream: string, take: (chunk: Uint8Array) => Promise<void>): Promise<StreamSnapshot> {
  const inbox = `${bus.inboxPrefix ?? '_INBOX'}.snapshot.${randomUUID()}`;
  const chunks = bus.nc.subscribe(inbox);
  const lost = bus.onDisconnect(() => chunks.unsubscribe());
  const watch = { timer: setTimeout(() => undefined, 0) };
  const restart = (): void => {
    clearTimeout(watch.timer);
    watch.timer = setTimeout(() => chunks.unsubscribe(), SILENCE_MS);
  };
  try {
    const request = { deliver_subject: inbox, no_consumers: false, chunk_size: CHUNK_BYTES, window_size: WINDOW_BYTES };
    const reply = await bus.nc.request(`$JS.API.STREAM.SNAPSHOT.${stream}`, JSON.stringify(request), { timeout: ASK_MS });
    const { error, config, state } = snapshotReply.parse(reply.json());
    if (error !== undefined || config === undefined || state === undefined) throw failure(`no snapshot of ${stream}`, error);
    restart();
    let taken = 0;
    for await (const message of chunks) {
      restart();
      if (message.data.length === 0) return ended(stream, message.headers, { config, state });
      taken += 1;
      assertNext(stream, message.reply, taken);
      await take(message.data);
      message.respond();
    }
    throw new Error(`the snapshot of ${stream} broke off after ${taken} chunks: the connection was lost, or the server fell silent`);
  } finally {
    clearTimeout(watch.timer);
    lost();
    chunks.unsubscribe();
  }
}

/** The end is an empty message; it carries a status when something went wrong, and 204 or none at all when nothing did. */
function ended(stream: string, headers: { code: number; description: string } | undefined, snapshot: StreamSnapshot): StreamSnapshot {
  if (headers === undefined || headers.code === 204 || headers.code === 0) return snapshot;
  throw new Error(`the server gave the snapshot of ${stream} up: ${headers.code} ${headers.description}`);
}

/** Every chunk but the last, smaller one says on its reply subject which it is: `...<bytes>.<number>`. */
function assertNext(stream: string, reply: string | undefined, expected: number): void {
  const number = reply === undefined || reply === '' ? expected : Number(reply.split('.').at(-1));
  if (number !== expected) throw new Error(`the snapshot of ${stream} has a gap: chunk ${number} came where ${expected} was next`);
}

/**
 * Makes a stream from a snapshot, under a configuration that may differ from the one it had. The stream must not exist. Consumers come back with where they
 * stood, and message schedules with when they fire; those that are overdue fire at once. When it throws, a part of the stream may exist: it is of no use
 * and must be deleted. Verified on nats-server 2.15.1.
 */
export async function restoreStream(bus: Bus, { config, state }: StreamSnapshot, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const { name } = config;
  const body = JSON.stringify({ config, state });
  const reply = await bus.nc.request(`$JS.API.STREAM.RESTORE.${name}`, body, { timeout: ASK_MS });
  const { error, deliver_subject: subject } = restoreReply.parse(reply.json());
  if (error !== undefined || subject === undefined) throw failure(`${name} cannot be restored`, error);
  // One after the other: the server answers when it has read the chunk, and takes them in the order of their arrival.
  for await (const chunk of chunks) {
    const taken = await bus.nc.request(subject, chunk, { timeout: CHUNK_MS });
    if (taken.data.length > 0) throw failure(`${name} cannot be restored`, restoreReply.parse(taken.json()).error);
  }
  const finished = await bus.nc.request(subject, undefined, { timeout: FINISH_MS });
  const end = restoreReply.parse(finished.json());
  if (end.error !== undefined) throw failure(`${name} cannot be restored`, end.error);
}

const failure = (what: string, error: z.infer<typeof errorSchema> | undefined): Error =>
  Object.assign(new Error(`${what}: ${error?.description ?? 'the server did not say why'}`), { code: error?.err_code });
