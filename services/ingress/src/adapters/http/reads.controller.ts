import { Controller, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Operation } from './operation.ts';
import type { Projector } from './projector.ts';
import { PROJECTOR } from './tokens.ts';

/** What the projector answers; this service has no read models and stays up when they are away. */
const READS = [
  '/v1/events',
  '/v1/events/:id',
  '/v1/deliveries',
  '/v1/deliveries/:id',
  '/v1/attempts',
  '/v1/dead-letters',
  '/v1/regions/history',
  '/v1/stats/*',
];

@Controller()
export class ReadsController {
  readonly #projector: Projector;

  constructor(@Inject(PROJECTOR) projector: Projector) {
    this.#projector = projector;
  }

  @Operation({
    method: 'GET',
    paths: READS,
    summary: 'Look at the read models (answered by the projector)',
    tag: 'look',
    answers: { 200: { description: 'As the projector answers' } },
  })
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const answer = await this.#projector.get(request.raw.url ?? '/', request.headers.accept);
    await reply.status(answer.status).headers(answer.headers).send(answer.body);
  }
}
