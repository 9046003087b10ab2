import { Controller, Inject, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Accepted } from '../../application/accept-event.ts';
import { type SendEvent, sendEventSchema } from '../../application/send-event.ts';
import { headerOf, rawJsonOf } from './http-request.ts';
import { Operation } from './operation.ts';
import { SEND_EVENT } from './tokens.ts';
import { visitOf } from './visit.ts';
import { acceptedSchema } from './webhooks.controller.ts';

@Controller()
export class EventsController {
  readonly #send: SendEvent;

  constructor(@Inject(SEND_EVENT) send: SendEvent) {
    this.#send = send;
  }

  @Operation({
    method: 'POST',
    paths: ['/v1/tenants/:tenantId/events'],
    summary: 'Send an event',
    tag: 'events',
    headers: { 'Idempotency-Key': 'The same key again, with the same body, answers with the same id' },
    body: sendEventSchema,
    record: 'no',
    answers: { 202: { description: 'Stored. The same key again answers with the same id.', schema: acceptedSchema } },
  })
  post(@Param('tenantId') tenantId: string, @Req() request: FastifyRequest): Promise<Accepted> {
    return this.#send({ tenantId, key: headerOf(request)('idempotency-key'), body: rawJsonOf(request), visit: visitOf(request) });
  }
}
