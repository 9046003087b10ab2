import { Controller, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  DEAD_LETTER_STATES,
  deadLetterGroupSchema,
  deadLetterSchema,
  positionSchema,
} from '../../application/dead-letters/dead-letter-reads.ts';
import { pageSchemaOf } from './lists.ts';
import { Operation } from './operation.ts';
import { passOn, type Projector } from './projector.ts';
import { PROJECTOR } from './tokens.ts';

/** What the projector answers; this service has no read models and stays up when they are away. */
const READS = [
  '/v1/events',
  '/v1/events/:id',
  '/v1/deliveries',
  '/v1/deliveries/:id',
  '/v1/attempts',
  '/v1/regions/history',
  '/v1/stats/*',
];

/** Filters of `GET /v1/dead-letters`; the projector checks them. */
const deadLettersQuery = {
  state: z.enum(DEAD_LETTER_STATES).default('open'),
  tenantId: z.string(),
  endpointId: z.string(),
  reason: z.string(),
  eventType: z.string(),
  region: z.string().meta({ description: 'That made it a dead letter' }),
  from: z.iso.datetime().meta({ description: 'Time of the dead letter, inclusive' }),
  to: z.iso.datetime().meta({ description: 'Time of the dead letter, exclusive' }),
  limit: z.int().min(1).max(250),
  iterator: z.string().meta({ description: 'From an earlier page' }),
};

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
    query: { tenantId: z.string(), region: z.string(), limit: deadLettersQuery.limit, iterator: deadLettersQuery.iterator },
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
    answers: { 200: { description: 'The dead letter, and more than is described here', schema: deadLetterSchema } },
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
      limit: deadLettersQuery.limit,
      iterator: deadLettersQuery.iterator,
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
