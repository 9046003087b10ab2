import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { WaybillError } from '@waybill/contracts';
import type { FastifyReply } from 'fastify';
import { type Dispatcher, Pool } from 'undici';

/** What the projector answered; `body` must be read or destroyed. */
export interface ProjectorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

const ANSWER_MS = 10_000;
const CONNECT_MS = 1_000;
const CONNECTIONS = 32;
/** Requests under way at most: a projector that hangs must not fill this service's memory. */
const MAX_UNDER_WAY = 256;
const PASSED_ON = ['content-type', 'cache-control', 'etag', 'retry-after'] as const;

export const away = (detail: string, cause?: unknown): WaybillError =>
  new WaybillError('WB_PROJECTOR_AWAY', detail, { cause, extra: { retryAfterSeconds: 2 } });

export function passedOn(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = headers[name];
    if (typeof value === 'string') kept[name] = value;
  }
  return kept;
}

/** Answers as the projector does. */
export async function passOn(reply: FastifyReply, answering: Promise<ProjectorAnswer>): Promise<void> {
  const { status, headers, body } = await answering;
  await reply.status(status).headers(headers).send(body);
}

/** What is told when a service behind this one cannot be asked. */
export interface UpstreamWords {
  readonly notSet: () => WaybillError;
  readonly away: (detail: string, cause?: unknown) => WaybillError;
}

/** A service behind this one, asked on behalf of a user. */
export class Upstream {
  readonly #pool: Pool | undefined;
  readonly #words: UpstreamWords;
  #underWay = 0;

  /** Without `url` there is none, and every question is answered with what `notSet` makes. */
  constructor(url: string | undefined, words: UpstreamWords) {
    const timeouts = { headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS, connect: { timeout: CONNECT_MS } };
    this.#pool = url === undefined ? undefined : new Pool(url, { connections: CONNECTIONS, ...timeouts });
    this.#words = words;
  }

  /** Asks with a path and query as the user sent them; no credential goes along. */
  get(path: string, accept = 'application/json'): Promise<ProjectorAnswer> {
    return this.#request(path, { method: 'GET', headers: { accept } });
  }

  /** Hands a command on, with its body as it came. */
  post(path: string, body: Buffer): Promise<ProjectorAnswer> {
    return this.#request(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  }

  async #request(path: string, question: Pick<Dispatcher.RequestOptions, 'method' | 'headers' | 'body'>): Promise<ProjectorAnswer> {
    if (this.#pool === undefined) throw this.#words.notSet();
    if (!path.startsWith('/')) throw new WaybillError('WB_NOT_FOUND', 'send the path alone, without a host');
    if (this.#underWay >= MAX_UNDER_WAY) throw this.#words.away('too many questions are under way');
    this.#underWay += 1;
    try {
      const { statusCode, headers, body } = await this.#pool.request({ path, ...question });
      return { status: statusCode, headers: passedOn(headers), body };
    } catch (error) {
      throw this.#words.away('it does not answer', error);
    } finally {
      this.#underWay -= 1;
    }
  }

  async close(): Promise<void> {
    await this.#pool?.destroy();
  }
}

/** The region's projector. Throws WB_PROJECTOR_AWAY. */
export class Projector extends Upstream {
  constructor(url: string | undefined) {
    super(url, { notSet: () => away('PROJECTOR_URL is not set'), away });
  }
}
