import { Controller, Inject, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Accepted } from '../../application/accept-event.ts';
import type { ReceiveWebhook } from '../../application/receive-webhook.ts';
import { headerOf, rawJsonOf } from './http-request.ts';
import { Operation } from './operation.ts';
import { RECEIVE_WEBHOOK } from './tokens.ts';
import { visitOf } from './visit.ts';

/** What a producer is told about an event that was stored. */
export const acceptedSchema = z.object({ id: z.string(), duplicate: z.boolean() }).meta({ id: 'Accepted' });

@Controller()
export class WebhooksController {
  readonly #receive: ReceiveWebhook;

  constructor(@Inject(RECEIVE_WEBHOOK) receive: ReceiveWebhook) {
    this.#receive = receive;
  }

  @Operation({
    method: 'POST',
    paths: ['/webhooks/:sourceId'],
    summary: 'Take a webhook of a provider in; its signature is checked as the source says',
    tag: 'events',
    body: z.unknown(),
    answers: { 202: { description: 'Stored. The same key again answers with the same id.', schema: acceptedSchema } },
  })
  post(@Param('sourceId') sourceId: string, @Req() request: FastifyRequest): Promise<Accepted> {
    return this.#receive({ sourceId, header: headerOf(request), body: rawJsonOf(request), visit: visitOf(request) });
  }
}
