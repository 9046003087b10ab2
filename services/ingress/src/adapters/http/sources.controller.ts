import { Controller, Inject, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  createSource,
  deleteSource,
  patchSource,
  putSource,
  requireSource,
  sourceBodySchema,
  sourcePatchSchema,
  type SourcePorts,
  sourcePutSchema,
  type SourceView,
  sourceView,
  sourceViewSchema,
} from '../../application/commands/sources.ts';
import type { Page } from '../../domain/page.ts';
import { jsonOf } from './http-request.ts';
import { pageFor, pageQuerySchema, pageSchemaOf } from './lists.ts';
import { Operation } from './operation.ts';
import type { RegistryReader } from './registry-reader.ts';
import { REGISTRY, SOURCE_PORTS } from './tokens.ts';

const ONE = '/v1/sources/:sourceId';
const tag = 'sources';
const shown = { 200: { description: 'The source, without its secrets', schema: sourceViewSchema } };
const created = { 201: { description: 'Created', schema: sourceViewSchema } };

@Controller()
export class SourcesController {
  readonly #ports: SourcePorts;
  readonly #registry: RegistryReader;

  constructor(@Inject(SOURCE_PORTS) ports: SourcePorts, @Inject(REGISTRY) registry: RegistryReader) {
    this.#ports = ports;
    this.#registry = registry;
  }

  @Operation({
    method: 'POST',
    paths: ['/v1/sources'],
    summary: 'Register a source of webhooks; the same content again is fine',
    tag,
    body: sourceBodySchema,
    answers: { ...created, ...shown },
  })
  async create(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<SourceView> {
    const result = await createSource(this.#ports, jsonOf(request));
    reply.status(result.created ? 201 : 200);
    return result.source;
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/sources'],
    summary: 'List sources, ordered by id',
    tag,
    query: pageQuerySchema.shape,
    answers: { 200: { description: 'A page of sources', schema: pageSchemaOf(sourceViewSchema) } },
  })
  list(@Req() request: FastifyRequest): Page<SourceView> {
    return pageFor(request, this.#registry.sources().map(sourceView));
  }

  @Operation({ method: 'GET', paths: [ONE], summary: 'Show a source', tag, answers: shown })
  get(@Param('sourceId') id: string): SourceView {
    return sourceView(requireSource(this.#ports.find, id));
  }

  @Operation({
    method: 'PUT',
    paths: [ONE],
    summary: 'Create a source, or replace it as a whole',
    tag,
    body: sourcePutSchema,
    answers: { ...shown, ...created },
  })
  async put(
    @Param('sourceId') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SourceView> {
    const result = await putSource(this.#ports, id, jsonOf(request));
    reply.status(result.created ? 201 : 200);
    return result.source;
  }

  @Operation({ method: 'PATCH', paths: [ONE], summary: 'Change a source', tag, body: sourcePatchSchema, answers: shown })
  patch(@Param('sourceId') id: string, @Req() request: FastifyRequest): Promise<SourceView> {
    return patchSource(this.#ports, id, jsonOf(request));
  }

  @Operation({ method: 'DELETE', paths: [ONE], summary: 'Remove a source', tag, answers: { 204: { description: 'Removed' } } })
  async delete(@Param('sourceId') id: string): Promise<void> {
    await deleteSource(this.#ports, id);
  }
}
