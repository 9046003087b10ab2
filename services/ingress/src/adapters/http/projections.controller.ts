import { Controller, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { rawJsonOf } from './http-request.ts';
import { Operation } from './operation.ts';
import { passOn, type Projector } from './projector.ts';
import { PROJECTOR } from './tokens.ts';

const tag = 'projections';
const body = z.unknown();
const NO_OPTIONS = Buffer.from('{}');

/** The read models themselves: the projector answers, the key is asked for here. */
@Controller()
export class ProjectionsController {
  readonly #projector: Projector;

  constructor(@Inject(PROJECTOR) projector: Projector) {
    this.#projector = projector;
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/projections'],
    summary: 'Show which read models serve, how they are, and what is built beside them',
    tag,
    answers: { 200: { description: 'As the projector answers' } },
  })
  status(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return passOn(reply, this.#projector.get(request.raw.url ?? '/', request.headers.accept));
  }

  @Operation({
    method: 'POST',
    role: 'operator',
    paths: ['/v1/projections/rebuild', '/v1/projections/verify'],
    summary: 'Build the read models anew from the log, to replace the present ones or to compare them',
    tag,
    body,
    answers: { 202: { description: 'Begun; GET /v1/projections tells how it goes on' } },
  })
  command(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const raw = rawJsonOf(request);
    return passOn(reply, this.#projector.post(request.raw.url ?? '/', raw.length === 0 ? NO_OPTIONS : raw));
  }
}
