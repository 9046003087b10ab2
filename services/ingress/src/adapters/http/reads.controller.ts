import { Controller, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { deadLetterGroupSchema, deadLetterSchema, positionSchema } from '../../application/dead-letters/dead-letter-reads.ts';
import { pageSchemaOf } from './lists.ts';
import { Operation } from './operation.ts';
import { passOn, type Projector } from './projector.ts';
import { attemptsQuery, deadLettersQuery, deliveriesQuery, dispatchesQuery, eventsQuery, page } from './read-queries.ts';
import { PROJECTOR } from './tokens.ts';

/** What the projector answers; this service has no read models and stays up when they are away. */
const READS = ['/v1/events/:id', '/v1/deliveries/:id', '/v1/regions/history', '/v1/stats/*'];

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
    answers: {
      200: {
        description: 'As the projector answers. An event names its trace in "traceId"; that of a trusted source is found by its event id',
      },
    },
  })
  get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#passOn(request, reply);
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/events'],
    summary: 'List events, newest first (answered by the projector)',
    tag: 'look',
    query: eventsQuery,
    answers: { 200: { description: 'As the projector answers' } },
  })
  events(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#passOn(request, reply);
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/deliveries'],
    summary: 'List deliveries, newest first (answered by the projector)',
    tag: 'look',
    query: deliveriesQuery,
    answers: { 200: { description: 'As the projector answers' } },
  })
  deliveries(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#passOn(request, reply);
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/attempts'],
    summary: 'List attempts of a delivery or to an endpoint, newest first (answered by the projector)',
    tag: 'look',
    query: attemptsQuery,
    answers: { 200: { description: 'As the projector answers' } },
  })
  attempts(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
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

  @Operation({
    method: 'GET',
    paths: ['/v1/dead-letters'],
    summary: 'List what ended without success, newest first (answered by the projector)',
    tag: 'dead letters',
    query: deadLettersQuery,
    answers: { 200: { description: 'A page of dead letters', schema: pageSchemaOf(deadLetterSchema) } },
  })
  deadLetters(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#passOn(request, reply);
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/dead-letters/groups'],
    summary: 'Count open dead letters by tenant, endpoint and reason (answered by the projector)',
    tag: 'dead letters',
    query: { tenantId: z.string(), region: z.string(), ...page },
    answers: { 200: { description: 'A page of groups', schema: pageSchemaOf(deadLetterGroupSchema) } },
  })
  deadLetterGroups(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#passOn(request, reply);
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/dead-letters/:id'],
    summary: 'Show a dead letter with its payload, every attempt and the verdict (answered by the projector)',
    tag: 'dead letters',
    answers: { 200: { description: 'The dead letter, and more than is described here', schema: deadLetterSchema.loose() } },
  })
  deadLetter(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#passOn(request, reply);
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/management-actions'],
    summary: 'List what operators changed, newest first (answered by the projector)',
    tag: 'look',
    query: {
      actor: z.string(),
      action: z.string().meta({ description: 'How the action begins, as PUT /v1/tenants' }),
      ...page,
    },
    answers: { 200: { description: 'As the projector answers' } },
  })
  managementActions(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#passOn(request, reply);
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/stats/position'],
    summary: 'Show up to which message the read models have read (answered by the projector)',
    tag: 'look',
    answers: { 200: { description: 'By stream', schema: positionSchema } },
  })
  position(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#passOn(request, reply);
  }

  async #passOn(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await passOn(reply, this.#projector.get(request.raw.url ?? '/', request.headers.accept));
  }
}
