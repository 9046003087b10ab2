import { type BeforeApplicationShutdown, Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { LiveHub } from '../../application/live/live-hub.ts';
import type { LiveStates } from '../../application/live/live-states.ts';
import { liveClient } from './live-client.ts';
import { parseQuery } from './query-schemas.ts';
import { LIVE } from './tokens.ts';

export interface Live {
  readonly hub: LiveHub;
  readonly states: LiveStates;
}

/** An id that is none is one of which nothing is known. */
const liveQuery = z.looseObject({ lastEventId: z.string().optional().catch('unreadable') });

/**
 * Nothing on the way may keep it, compress it or gather it up. The connection is of no use afterwards: kept alive, it would hold the stop of the service up.
 */
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  connection: 'close',
};

/** What changes, as it is stored: server-sent events, see `LIVE_EVENTS`. */
@Controller('/v1/live')
export class LiveController implements BeforeApplicationShutdown {
  readonly #live: Live;

  constructor(@Inject(LIVE) live: Live) {
    this.#live = live;
  }

  /** A header that is newer than the query comes from a browser that reconnects by itself. */
  @Get()
  follow(@Query() query: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const { lastEventId } = parseQuery(liveQuery, query);
    const { hub, states } = this.#live;
    hub.requireRoom();
    reply.hijack();
    reply.raw.writeHead(200, HEADERS);
    if (request.method === 'HEAD') return void reply.raw.end();
    const header = request.headers['last-event-id'];
    const client = liveClient(reply.raw);
    reply.raw.once('close', () => hub.leave(client));
    hub.join(client, typeof header === 'string' && header !== '' ? header : (lastEventId ?? ''), states.current());
  }

  /** Before the server is closed, which waits for every answer to end. */
  beforeApplicationShutdown(): void {
    this.#live.states.stop();
    this.#live.hub.close();
  }
}
