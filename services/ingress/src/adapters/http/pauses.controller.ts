import { Controller, Inject, Param, Req, Res } from '@nestjs/common';
import { type Pause, pauseSchema } from '@waybill/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { deletePause, pauseBodySchema, type PausePorts, putPause, requirePause } from '../../application/commands/pauses.ts';
import type { Page } from '../../domain/page.ts';
import { jsonOf } from './http-request.ts';
import { pageFor, pageQuerySchema, pageSchemaOf } from './lists.ts';
import { Operation } from './operation.ts';
import type { RegistryReader } from './registry-reader.ts';
import { PAUSE_PORTS, REGISTRY } from './tokens.ts';

const ONE = '/v1/pauses/:pauseId';
const tag = 'dispatches';
const pauseViewSchema = pauseSchema.meta({ id: 'Pause' });

@Controller()
export class PausesController {
  readonly #ports: PausePorts;
  readonly #registry: RegistryReader;

  constructor(@Inject(PAUSE_PORTS) ports: PausePorts, @Inject(REGISTRY) registry: RegistryReader) {
    this.#ports = ports;
    this.#registry = registry;
  }

  @Operation({
    method: 'PUT',
    role: 'operator',
    paths: [ONE],
    summary: 'Hold back workflow dispatches that fit everything named; they are denied with operator_paused',
    tag,
    body: pauseBodySchema,
    answers: { 200: { description: 'Replaced', schema: pauseViewSchema }, 201: { description: 'Created', schema: pauseViewSchema } },
  })
  async put(@Param('pauseId') id: string, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<Pause> {
    const { pause, created } = await putPause(this.#ports, id, jsonOf(request));
    if (created) reply.status(201);
    return pause;
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/pauses'],
    summary: 'List what holds dispatches back, ordered by id',
    tag,
    query: pageQuerySchema.shape,
    answers: { 200: { description: 'A page of pauses', schema: pageSchemaOf(pauseViewSchema) } },
  })
  list(@Req() request: FastifyRequest): Page<Pause> {
    return pageFor(request, this.#registry.pauses());
  }

  @Operation({
    method: 'GET',
    paths: [ONE],
    summary: 'Show a pause',
    tag,
    answers: { 200: { description: 'The pause', schema: pauseViewSchema } },
  })
  get(@Param('pauseId') id: string): Pause {
    return requirePause(this.#ports.find, id);
  }

  @Operation({ method: 'DELETE', role: 'operator', paths: [ONE], summary: 'End a pause', tag, answers: { 204: { description: 'Ended' } } })
  async delete(@Param('pauseId') id: string): Promise<void> {
    await deletePause(this.#ports, id);
  }
}
