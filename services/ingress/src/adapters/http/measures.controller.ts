import { Controller, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { endpointStatsSchema, foundSchema, regionStatsSchema, schemaCountsSchema, seriesSchema, totalsSchema } from './measure-answers.ts';
import { Operation } from './operation.ts';
import { passOn, type Projector } from './projector.ts';
import { endpointStatsQuery, schemasQuery, searchQuery, seriesQuery, totalsQuery } from './read-queries.ts';
import { PROJECTOR } from './tokens.ts';

/** What the projector counted and measured when it wrote it, and the search. */
@Controller()
export class MeasuresController {
  readonly #projector: Projector;

  constructor(@Inject(PROJECTOR) projector: Projector) {
    this.#projector = projector;
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/stats/totals'],
    summary: 'Count events, deliveries, attempts and dead letters by state (answered by the projector)',
    tag: 'look',
    query: totalsQuery,
    answers: { 200: { description: 'Counters by state', schema: totalsSchema } },
  })
  totals(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#passOn(request, reply);
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/stats/series'],
    summary: 'Show what happened in each minute, hour or day and how long it took, oldest first (answered by the projector)',
    tag: 'look',
    query: seriesQuery,
    answers: { 200: { description: 'At most 500 buckets; those in which nothing happened are left out', schema: seriesSchema } },
  })
  series(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#passOn(request, reply);
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/stats/regions'],
    summary: 'Show how each region does: counters, oldest open delivery, newest minute and hour (answered by the projector)',
    tag: 'look',
    answers: { 200: { description: 'By region', schema: regionStatsSchema } },
  })
  regions(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#passOn(request, reply);
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/stats/endpoints'],
    summary: 'Show how some endpoints do: counters, newest hour and day, last attempt (answered by the projector)',
    tag: 'look',
    query: endpointStatsQuery,
    answers: { 200: { description: 'By endpoint, in the order asked for', schema: endpointStatsSchema } },
  })
  endpoints(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#passOn(request, reply);
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/schemas'],
    summary: 'Count versions of events by verdict, and what a higher minCompatible would have refused (answered by the projector)',
    tag: 'look',
    query: schemasQuery,
    answers: { 200: { description: 'A page of event types; an empty type is all together', schema: schemaCountsSchema } },
  })
  schemas(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#passOn(request, reply);
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/search'],
    summary: 'Find what a text is the id, or the beginning, of (answered by the projector)',
    tag: 'look',
    query: searchQuery,
    answers: { 200: { description: 'At most 20', schema: foundSchema } },
  })
  search(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#passOn(request, reply);
  }

  async #passOn(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await passOn(reply, this.#projector.get(request.raw.url ?? '/', request.headers.accept));
  }
}
