import { type EndpointId, envelopeV3Schema, eventTypeSchema, type EventId, WaybillError } from '@waybill/contracts';
import { z } from 'zod';
import type { AcceptEvent } from '../accept-event.ts';
import { parseWith } from '../parse-with.ts';
import { type EndpointPorts, requireEndpoint } from './endpoints.ts';

/** The body of `POST .../test`. */
export const testEndpointSchema = z
  .strictObject({
    eventType: eventTypeSchema.default('waybill.test'),
    data: z.unknown().default({ message: 'This is a test that somebody asked for.' }),
  })
  .meta({ id: 'EndpointTest' });

const TEST_SOURCE = envelopeV3Schema.shape.source.parse('test');

export interface TestEndpointPorts {
  readonly endpoints: Pick<EndpointPorts, 'tenant' | 'find'>;
  readonly accept: AcceptEvent;
}

/**
 * Accepts an event that only this endpoint gets, whatever it subscribes to; it is signed and tried again as every other. Throws WB_ENDPOINT_DISABLED,
 * and what accepting throws.
 */
export async function testEndpoint(ports: TestEndpointPorts, tenantId: string, id: string, body: unknown): Promise<{ id: EventId }> {
  const endpoint = requireEndpoint(ports.endpoints, tenantId, id);
  const { eventType, data } = parseWith(testEndpointSchema, body);
  if (endpoint.disabled !== undefined)
    throw new WaybillError('WB_ENDPOINT_DISABLED', `endpoint ${id} is disabled (${endpoint.disabled.reason})`);
  const onlyTo: EndpointId = endpoint.id;
  const accepted = await ports.accept({
    tenantId: endpoint.tenantId,
    source: TEST_SOURCE,
    eventType,
    data: Buffer.from(JSON.stringify(data)),
    onlyTo,
  });
  return { id: accepted.id };
}
