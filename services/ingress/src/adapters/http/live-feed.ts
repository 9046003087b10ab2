import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { WaybillError } from '@waybill/contracts';
import type { FastifyReply } from 'fastify';
import { Pool } from 'undici';
import { away, passedOn, passOn } from './projector.ts';

/** Each has a connection of its own to the projector, and so does each of those who ask for anything else: they never wait for one another. */
const MOST_CLIENTS = 1_000;
const ANSWER_MS = 10_000;
const CONNECT_MS = 1_000;
/** The projector says something every ten seconds. */
const SILENCE_MS = 35_000;
/** What waits for a client at most; one that takes less than it is sent is ended there, and comes back to what it has missed. */
const MOST_WAITING_BYTES = 1_048_576;
/** Whoever follows is let in anew so often. */
const LONGEST_MS = 900_000;

/** Nothing on the way may keep it, compress it or gather it up; the connection is of no use afterwards. */
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  connection: 'close',
};

/** What a client asks for. `lastId`: up to where it has read; empty: nothing yet. `longestMs`: when it must come back at the latest. */
export interface LiveQuestion {
  readonly lastId: string;
  readonly longestMs: number;
}

/** Passes on what the region's projector tells those who follow live, as long as both sides are there. */
export class LiveFeed {
  readonly #pool: Pool | undefined;
  readonly #clients = new Set<ServerResponse>();
  #isClosed = false;

  /** Without `url` there is none, and everybody is answered with WB_PROJECTOR_AWAY. */
  constructor(url: string | undefined) {
    const timeouts = { headersTimeout: ANSWER_MS, bodyTimeout: SILENCE_MS, connect: { timeout: CONNECT_MS } };
    this.#pool = url === undefined ? undefined : new Pool(url, { connections: MOST_CLIENTS, ...timeouts });
  }

  /** Answers with the stream, or as the projector does when it has none. Throws WB_PROJECTOR_AWAY and WB_LIVE_FULL. */
  async follow({ lastId, longestMs }: LiveQuestion, reply: FastifyReply): Promise<void> {
    if (this.#pool === undefined) throw away('PROJECTOR_URL is not set');
    if (this.#isClosed) throw new WaybillError('WB_NOT_READY', 'this service is stopping', { extra: { retryAfterSeconds: 1 } });
    if (this.#clients.size >= MOST_CLIENTS)
      throw new WaybillError('WB_LIVE_FULL', `${MOST_CLIENTS} clients follow already`, { extra: { retryAfterSeconds: 10 } });
    const response = reply.raw;
    const gone = new AbortController();
    this.#clients.add(response);
    response.once('close', () => {
      this.#clients.delete(response);
      gone.abort();
    });
    const { statusCode, headers, body } = await this.#ask(this.#pool, lastId, gone.signal);
    if (statusCode !== 200) return passOn(reply, Promise.resolve({ status: statusCode, headers: passedOn(headers), body }));
    reply.hijack();
    response.writeHead(200, HEADERS);
    passStream(body, response);
    const timer = setTimeout(() => end(response), Math.min(LONGEST_MS, longestMs));
    response.once('close', () => clearTimeout(timer));
  }

  /** Ends everybody; they come back. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const response of this.#clients) if (response.headersSent) end(response);
    await this.#pool?.destroy();
  }

  async #ask(pool: Pool, lastId: string, signal: AbortSignal) {
    const path = lastId === '' ? '/v1/live' : `/v1/live?lastEventId=${encodeURIComponent(lastId)}`;
    try {
      return await pool.request({ method: 'GET', path, headers: { accept: 'text/event-stream' }, signal });
    } catch (error) {
      throw away('the projector does not answer', error);
    }
  }
}

/** Never waits for the client: the projector would hold back for it, where nobody sees it. */
function passStream(body: Readable, response: ServerResponse): void {
  body.on('data', (chunk: Buffer) => {
    response.write(chunk);
    if (response.writableLength > MOST_WAITING_BYTES) response.destroy();
  });
  // The projector has ended, or is away: whoever follows comes back by itself.
  body.once('error', () => end(response));
  body.once('end', () => end(response));
}

/** A client that does not read would not let its answer end. */
function end(response: ServerResponse): void {
  if (response.writableLength > 0) response.destroy();
  else if (!response.destroyed) response.end();
}
