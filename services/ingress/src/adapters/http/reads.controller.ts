import { Controller, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
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

/** Filters of `GET /v1/dispatches`; the projector checks them. */
const dispatchesQuery = {
  repository: z.string().meta({ description: 'Where the run was (the source), as owner/name' }),
  workflow: z.string().meta({ description: 'Workflow file of the run, as ci.yml' }),
  state: z
    .enum(['skipped', 'denied', 'open', 'failed', 'done'])
    .meta({ description: 'How all that the run led to stands together; denied: nothing was allowed; done: all that was allowed started' }),
  tenantId: z.string().meta({ description: 'gh-<owner of the source>' }),
  region: z.string().meta({ description: 'That decided' }),
  limit: z.int().min(1).max(250),
  iterator: z.string().meta({ description: 'From an earlier page' }),
};

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
  get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#passOn(request, reply);
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/dispatches'],
    summary: 'List what finished workflow runs led to, newest first (answered by the projector)',
    tag: 'look',
    query: dispatchesQuery,
    answers: { 200: { description: 'As the projector answers' } },
  })
  dispatches(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#passOn(request, reply);
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/dispatches/:eventId'],
    summary: 'Show what one finished workflow run led to, target by target (answered by the projector)',
    tag: 'look',
    answers: { 200: { description: 'As the projector answers' } },
  })
  dispatch(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#passOn(request, reply);
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/stats/dispatches'],
    summary: 'Count dispatches by state, and show how far each region has looked for lost webhooks (answered by the projector)',
    tag: 'look',
    query: {
      scope: z.enum(['all', 'tenant', 'region']).default('all'),
      id: z.string().meta({ description: 'Of the tenant or region; none for the scope all' }),
    },
    answers: { 200: { description: 'As the projector answers' } },
  })
  dispatchTotals(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#passOn(request, reply);
  }

  async #passOn(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const answer = await this.#projector.get(request.raw.url ?? '/', request.headers.accept);
    await reply.status(answer.status).headers(answer.headers).send(answer.body);
  }
}
