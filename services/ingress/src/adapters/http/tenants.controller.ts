import { Controller, Inject, Param, Req, Res } from '@nestjs/common';
import { type Tenant, tenantSchema } from '@waybill/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { putTenant, requireTenant, tenantBodySchema, type TenantPorts } from '../../application/commands/tenants.ts';
import type { Page } from '../../domain/page.ts';
import { jsonOf } from './http-request.ts';
import { pageFor, pageQuerySchema, pageSchemaOf } from './lists.ts';
import { Operation } from './operation.ts';
import type { RegistryReader } from './registry-reader.ts';
import { REGISTRY, TENANT_PORTS } from './tokens.ts';

const tenantViewSchema = tenantSchema.meta({ id: 'Tenant' });
const tag = 'tenants';

@Controller()
export class TenantsController {
  readonly #ports: TenantPorts;
  readonly #registry: RegistryReader;

  constructor(@Inject(TENANT_PORTS) ports: TenantPorts, @Inject(REGISTRY) registry: RegistryReader) {
    this.#ports = ports;
    this.#registry = registry;
  }

  @Operation({
    method: 'PUT',
    paths: ['/v1/tenants/:tenantId'],
    summary: 'Create a tenant, or replace what is known of it',
    tag,
    body: tenantBodySchema,
    answers: { 200: { description: 'Replaced', schema: tenantViewSchema }, 201: { description: 'Created', schema: tenantViewSchema } },
  })
  async put(
    @Param('tenantId') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Tenant> {
    const { tenant, created } = await putTenant(this.#ports, id, jsonOf(request));
    if (created) reply.status(201);
    return tenant;
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/tenants/:tenantId'],
    summary: 'Show a tenant',
    tag,
    answers: { 200: { description: 'The tenant', schema: tenantViewSchema } },
  })
  get(@Param('tenantId') id: string): Tenant {
    return requireTenant(this.#ports.find, id);
  }

  @Operation({
    method: 'GET',
    paths: ['/v1/tenants'],
    summary: 'List tenants, ordered by id',
    tag,
    query: pageQuerySchema.shape,
    answers: { 200: { description: 'A page of tenants', schema: pageSchemaOf(tenantViewSchema) } },
  })
  list(@Req() request: FastifyRequest): Page<Tenant> {
    return pageFor(request, this.#registry.tenants());
  }
}
