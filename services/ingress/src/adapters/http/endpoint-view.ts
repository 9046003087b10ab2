import type { Endpoint } from '@waybill/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type EndpointView, endpointViewSchema } from '../../application/commands/endpoint-body.ts';
import { endpointView } from '../../application/commands/endpoints.ts';
import { mayDo } from '../../domain/access/role.ts';
import { accessOf } from './admission.ts';
import type { RegistryReader } from './registry-reader.ts';

/** An endpoint as whoever asks may see it: the values of its headers are often credentials, so only admins do. */
export function endpointFor(request: FastifyRequest, view: EndpointView): EndpointView {
  if (view.headers === undefined || mayDo(accessOf(request)?.role ?? 'viewer', 'admin')) return view;
  return { ...view, headers: Object.fromEntries(Object.keys(view.headers).map((name) => [name, '[hidden]'])) };
}

/** An endpoint with how it is. */
export const endpointRowSchema = endpointViewSchema
  .extend({
    health: z
      .object({ failingSince: z.iso.datetime() })
      .nullable()
      .meta({ description: 'null: its last attempt succeeded, as far as this region knows' }),
    secrets: z
      .object({ count: z.int(), oldestExpiresAt: z.iso.datetime().optional() })
      .meta({ description: 'How many sign; several while one is replaced' }),
  })
  .meta({ id: 'EndpointRow' });
export type EndpointRow = z.output<typeof endpointRowSchema>;

/** An endpoint as whoever asks may see it, with how it is as far as this region knows. */
export function endpointRow(request: FastifyRequest, registry: RegistryReader, endpoint: Endpoint): EndpointRow {
  const { tenantId, id, secrets } = endpoint;
  const failingSince = registry.health(tenantId, id)?.failingSince;
  const oldestExpiresAt = secrets.flatMap(({ expiresAt }) => expiresAt ?? []).toSorted()[0];
  return {
    ...endpointFor(request, endpointView(endpoint)),
    health: failingSince === undefined ? null : { failingSince },
    secrets: { count: secrets.length, ...(oldestExpiresAt === undefined ? {} : { oldestExpiresAt }) },
  };
}
