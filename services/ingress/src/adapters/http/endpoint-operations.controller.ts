import { Controller, Inject, Param, Req } from '@nestjs/common';
import { REGION_ID, tenantIdSchema } from '@waybill/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { reasonSchema } from '../../application/by-whom.ts';
import { type EndpointView, endpointViewSchema } from '../../application/commands/endpoint-body.ts';
import { type EndpointPorts, pauseEndpoint, resumeEndpoint } from '../../application/commands/endpoints.ts';
import { testEndpoint, type TestEndpointPorts, testEndpointSchema } from '../../application/commands/test-endpoint.ts';
import { parseWith } from '../../application/parse-with.ts';
import type { Page } from '../../domain/page.ts';
import { endpointFor, type EndpointRow, endpointRow, endpointRowSchema } from './endpoint-view.ts';
import { optionalJsonOf, rawJsonOf } from './http-request.ts';
import { pageFor, pageQuerySchema, pageSchemaOf } from './lists.ts';
import { Operation } from './operation.ts';
import type { RegistryReader } from './registry-reader.ts';
import { ENDPOINT_PORTS, REGISTRY, TEST_ENDPOINT } from './tokens.ts';
import { visitOf } from './visit.ts';

const ONE = '/v1/tenants/:tenantId/endpoints/:id';
const tag = 'endpoints';
const shown = { 200: { description: 'The endpoint', schema: endpointViewSchema } };
const whySchema = z.strictObject({ reason: reasonSchema.optional() }).meta({ id: 'Why' });
const listQuery = {
  tenantId: tenantIdSchema.optional(),
  region: z
    .string()
    .regex(REGION_ID, 'use the id of a region')
    .optional()
    .meta({ description: 'Only those that are bound to this region' }),
};
const listQuerySchema = z.object(listQuery);

/** What operators do with endpoints: look over all of them, let one rest, try it. */
@Controller()
export class EndpointOperationsController {
  readonly #ports: EndpointPorts;
  readonly #registry: RegistryReader;
  readonly #test: TestEndpointPorts;

  constructor(
    @Inject(ENDPOINT_PORTS) ports: EndpointPorts,
    @Inject(REGISTRY) registry: RegistryReader,
    @Inject(TEST_ENDPOINT) test: TestEndpointPorts,
  ) {
    this.#ports = ports;
    this.#registry = registry;
    this.#test = test;
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/endpoints'],
    summary: 'List the endpoints of all tenants that this region knows, ordered by tenant and id, with how they are',
    tag,
    query: { ...listQuery, ...pageQuerySchema.shape },
    answers: { 200: { description: 'A page of endpoints', schema: pageSchemaOf(endpointRowSchema) } },
  })
  list(@Req() request: FastifyRequest): Page<EndpointRow> {
    const { tenantId, region } = parseWith(listQuerySchema, request.query);
    const tenants = tenantId === undefined ? this.#registry.tenants().map(({ id }) => id) : [tenantId];
    const all = tenants
      .flatMap((id) => this.#registry.endpointsOf(id))
      .filter((endpoint) => (region ?? endpoint.region) === endpoint.region);
    // Ids are those of one tenant only.
    const page = pageFor(
      request,
      all.map((endpoint) => ({ id: `${endpoint.tenantId}.${endpoint.id}`, endpoint })),
    );
    return { ...page, data: page.data.map(({ endpoint }) => endpointRow(request, this.#registry, endpoint)) };
  }

  @Operation({
    method: 'POST',
    role: 'operator',
    paths: [`${ONE}/pause`],
    summary: 'Disable an endpoint: what comes due for it becomes a dead letter',
    tag,
    body: whySchema,
    answers: shown,
  })
  async pause(@Param('tenantId') tenantId: string, @Param('id') id: string, @Req() request: FastifyRequest): Promise<EndpointView> {
    parseWith(whySchema, optionalJsonOf(request));
    return endpointFor(request, await pauseEndpoint(this.#ports, tenantId, id));
  }

  @Operation({
    method: 'POST',
    role: 'operator',
    paths: [`${ONE}/resume`],
    summary: 'Take an endpoint up again, whoever had disabled it',
    tag,
    body: whySchema,
    answers: shown,
  })
  async resume(@Param('tenantId') tenantId: string, @Param('id') id: string, @Req() request: FastifyRequest): Promise<EndpointView> {
    parseWith(whySchema, optionalJsonOf(request));
    return endpointFor(request, await resumeEndpoint(this.#ports, tenantId, id));
  }

  @Operation({
    method: 'POST',
    role: 'operator',
    paths: [`${ONE}/test`],
    summary: 'Send an event to this endpoint alone, whatever it subscribes to',
    tag,
    body: testEndpointSchema,
    answers: { 202: { description: 'The event is stored; GET /v1/events/{id} tells how it goes', schema: z.object({ id: z.string() }) } },
  })
  test(@Param('tenantId') tenantId: string, @Param('id') id: string, @Req() request: FastifyRequest): Promise<{ id: string }> {
    return testEndpoint(this.#test, { tenantId, id, body: rawJsonOf(request), visit: visitOf(request) });
  }
}
