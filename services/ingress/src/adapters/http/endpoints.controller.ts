import { Controller, Inject, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  endpointBodySchema,
  endpointPatchSchema,
  type EndpointView,
  endpointViewSchema,
  rotateSecretSchema,
} from '../../application/commands/endpoint-body.ts';
import {
  createEndpoint,
  deleteEndpoint,
  type EndpointPorts,
  endpointView,
  patchEndpoint,
  requireEndpoint,
  rotateSecret,
  secretOf,
} from '../../application/commands/endpoints.ts';
import { requireTenant } from '../../application/commands/tenants.ts';
import type { Page } from '../../domain/page.ts';
import { endpointFor, type EndpointRow, endpointRow, endpointRowSchema } from './endpoint-view.ts';
import { jsonOf, optionalJsonOf } from './http-request.ts';
import { pageFor, pageQuerySchema, pageSchemaOf } from './lists.ts';
import { Operation } from './operation.ts';
import type { RegistryReader } from './registry-reader.ts';
import { ENDPOINT_PORTS, REGISTRY } from './tokens.ts';

const ALL = '/v1/tenants/:tenantId/endpoints';
const ONE = `${ALL}/:id`;
const tag = 'endpoints';
const shown = { 200: { description: 'The endpoint', schema: endpointViewSchema } };
const secretSchema = z.object({ key: z.string() }).meta({ id: 'Secret' });

@Controller()
export class EndpointsController {
  readonly #ports: EndpointPorts;
  readonly #registry: RegistryReader;

  constructor(@Inject(ENDPOINT_PORTS) ports: EndpointPorts, @Inject(REGISTRY) registry: RegistryReader) {
    this.#ports = ports;
    this.#registry = registry;
  }

  @Operation({
    method: 'POST',
    paths: [ALL],
    summary: 'Register an endpoint',
    tag,
    body: endpointBodySchema,
    answers: { 201: { description: 'Created; its signing secret is at .../secret', schema: endpointViewSchema } },
  })
  create(@Param('tenantId') tenantId: string, @Req() request: FastifyRequest): Promise<EndpointView> {
    return createEndpoint(this.#ports, tenantId, jsonOf(request));
  }

  @Operation({
    method: 'GET',
    paths: [ALL],
    summary: 'List the endpoints of a tenant, ordered by id',
    tag,
    query: pageQuerySchema.shape,
    answers: { 200: { description: 'A page of endpoints', schema: pageSchemaOf(endpointViewSchema) } },
  })
  list(@Param('tenantId') tenantId: string, @Req() request: FastifyRequest): Page<EndpointView> {
    requireTenant(this.#ports.tenant, tenantId);
    const page = pageFor(request, this.#registry.endpointsOf(tenantId));
    return { ...page, data: page.data.map((endpoint) => endpointFor(request, endpointView(endpoint))) };
  }

  @Operation({
    method: 'GET',
    paths: [ONE],
    summary: 'Show an endpoint, with how it is',
    tag,
    answers: { 200: { description: 'The endpoint', schema: endpointRowSchema } },
  })
  get(@Param('tenantId') tenantId: string, @Param('id') id: string, @Req() request: FastifyRequest): EndpointRow {
    return endpointRow(request, this.#registry, requireEndpoint(this.#ports, tenantId, id));
  }

  @Operation({
    method: 'PATCH',
    paths: [ONE],
    summary: 'Change an endpoint; "disabled" pauses it or takes it up again',
    tag,
    body: endpointPatchSchema,
    answers: shown,
  })
  patch(@Param('tenantId') tenantId: string, @Param('id') id: string, @Req() request: FastifyRequest): Promise<EndpointView> {
    return patchEndpoint(this.#ports, tenantId, id, jsonOf(request));
  }

  @Operation({ method: 'DELETE', paths: [ONE], summary: 'Remove an endpoint', tag, answers: { 204: { description: 'Removed' } } })
  delete(@Param('tenantId') tenantId: string, @Param('id') id: string): Promise<void> {
    return deleteEndpoint(this.#ports, tenantId, id);
  }

  @Operation({
    method: 'GET',
    role: 'admin',
    paths: [`${ONE}/secret`],
    summary: 'Show the secret that signs deliveries to an endpoint',
    tag,
    answers: { 200: { description: 'The secret', schema: secretSchema } },
  })
  secret(@Param('tenantId') tenantId: string, @Param('id') id: string): { key: string } {
    return secretOf(requireEndpoint(this.#ports, tenantId, id));
  }

  @Operation({
    method: 'POST',
    paths: [`${ONE}/secret/rotate`],
    summary: 'Replace the secret; the old one signs too for a while',
    tag,
    body: rotateSecretSchema,
    answers: { 200: { description: 'The new secret', schema: secretSchema } },
  })
  rotate(@Param('tenantId') tenantId: string, @Param('id') id: string, @Req() request: FastifyRequest): Promise<{ key: string }> {
    return rotateSecret(this.#ports, tenantId, id, optionalJsonOf(request));
  }
}
