import { Controller, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { accessOf } from './admission.ts';
import type { LiveFeed } from './live-feed.ts';
import { headerOf } from './http-request.ts';
import { Operation } from './operation.ts';
import { LIVE } from './tokens.ts';

const querySchema = z.looseObject({ lastEventId: z.string().optional().catch(undefined) });
const HEADER = 'Last-Event-ID';

@Controller()
export class LiveController {
  readonly #feed: LiveFeed;

  constructor(@Inject(LIVE) feed: LiveFeed) {
    this.#feed = feed;
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/live'],
    summary: 'Follow what changes, as server-sent events: change, state and reset (answered by the projector)',
    tag: 'look',
    headers: {
      [HEADER]: 'The id that an earlier stream had come to: what came after it is sent first, or reset when that is not known any more',
    },
    query: { lastEventId: z.string().meta({ description: `As ${HEADER}, which counts where both are given` }) },
    answers: { 200: { description: 'text/event-stream; it ends now and then, and is asked for again' } },
  })
  async follow(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    // It would have no end.
    if (request.method === 'HEAD') return void (await reply.send());
    const given = headerOf(request)(HEADER.toLowerCase());
    const lastId = given ?? querySchema.parse(request.query).lastEventId ?? '';
    const endsAtMs = accessOf(request)?.expiresAtMs ?? Infinity;
    await this.#feed.follow({ lastId, longestMs: endsAtMs - Date.now() }, reply);
  }
}
