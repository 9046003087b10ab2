import { envelopeV3Schema, eventTypeSchema, type Tenant, WaybillError } from '@waybill/contracts';
import { z } from 'zod';
import { bodyHashOf, eventKeyHash } from '../domain/idempotency-key.ts';
import type { AcceptEvent, Accepted } from './accept-event.ts';
import type { ParseBody } from './parse-body.ts';
import { parseWith, schemaViolation } from './parse-with.ts';
import type { Visit } from './visit.ts';

const declaredVersion = z.int().min(1).max(1_000_000);

/** The body of `POST /v1/tenants/{tenantId}/events`. `data` is required, of any JSON type, and stored as it was written. */
export const sendEventSchema = z
  .strictObject({
    eventType: eventTypeSchema,
    data: z.unknown(),
    timestamp: envelopeV3Schema.shape.timestamp.optional(),
    orderingKey: z.string().min(1).max(256).optional(),
    correlationId: z.string().min(1).max(256).optional(),
    version: declaredVersion.optional(),
    minCompatible: declaredVersion.optional(),
  })
  .meta({ id: 'NewEvent' });

/** What the event says of its source when it came through the API. */
const API_SOURCE = envelopeV3Schema.shape.source.parse('api');

export interface SendEventPorts {
  readonly accept: AcceptEvent;
  readonly parse: ParseBody;
  readonly tenant: (id: string) => Tenant | undefined;
}

/** Takes one event that was sent through the API. `key` is the value of `Idempotency-Key`. */
export type SendEvent = (request: { tenantId: string; key: string | undefined; body: Buffer; visit?: Visit }) => Promise<Accepted>;

/** Builds the use case. */
export function sendEvent(ports: SendEventPorts): SendEvent {
  return async ({ tenantId, key, body, visit }) => {
    const tenant = ports.tenant(tenantId);
    if (tenant === undefined) throw new WaybillError('WB_TENANT_UNKNOWN', `there is no tenant ${tenantId}`);
    const { value, range } = await ports.parse(body, { member: 'data' });
    const { data: _parsed, ...event } = parseWith(sendEventSchema, value);
    if (range === undefined) throw schemaViolation([{ path: 'data', message: 'this field is required' }]);
    return ports.accept({
      ...event,
      tenantId: tenant.id,
      source: API_SOURCE,
      data: body.subarray(range.start, range.end),
      key: key ? { hash: eventKeyHash(tenant.id, key), bodyHash: bodyHashOf(body) } : undefined,
      visit,
    });
  };
}
