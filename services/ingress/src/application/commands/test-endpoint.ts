import { type EndpointId, envelopeV3Schema, eventTypeSchema, type EventId, WaybillError } from '@waybill/contracts';
import { z } from 'zod';
import type { AcceptEvent } from '../accept-event.ts';
import type { ParseBody } from '../parse-body.ts';
import { parseWith } from '../parse-with.ts';
import type { Visit } from '../visit.ts';
import { type EndpointPorts, requireEndpoint } from './endpoints.ts';

const SENT_BY_DEFAULT = { message: 'This is a test that somebody asked for.' };

/** The body of `POST .../test`. `data` is stored as it was written. */
export const testEndpointSchema = z
  .strictObject({
    eventType: eventTypeSchema.default('waybill.test'),
    data: z.unknown().default(SENT_BY_DEFAULT),
  })
  .meta({ id: 'EndpointTest' });

const TEST_SOURCE = envelopeV3Schema.shape.source.parse('test');

export interface TestEndpointPorts {
  readonly endpoints: Pick<EndpointPorts, 'tenant' | 'find'>;
  readonly accept: AcceptEvent;
  readonly parse: ParseBody;
}

export interface EndpointTest {
  readonly tenantId: string;
  /** Of the endpoint. */
  readonly id: string;
  readonly body: Buffer;
  readonly visit?: Visit | undefined;
}

/**
 * Accepts an event that only this endpoint gets, whatever it subscribes to; it is signed and tried again as every other. `body`: raw; an empty
 * one asks for what is sent by default. Throws WB_ENDPOINT_DISABLED, and what accepting throws.
 */
export async function testEndpoint(ports: TestEndpointPorts, { tenantId, id, body, visit }: EndpointTest): Promise<{ id: EventId }> {
  const endpoint = requireEndpoint(ports.endpoints, tenantId, id);
  const { value, range } = body.length === 0 ? { value: {} } : await ports.parse(body, { member: 'data' });
  const { eventType } = parseWith(testEndpointSchema, value);
  if (endpoint.disabled !== undefined)
    throw new WaybillError('WB_ENDPOINT_DISABLED', `endpoint ${id} is disabled (${endpoint.disabled.reason})`);
  const onlyTo: EndpointId = endpoint.id;
  const accepted = await ports.accept({
    tenantId: endpoint.tenantId,
    source: TEST_SOURCE,
    eventType,
    data: range === undefined ? Buffer.from(JSON.stringify(SENT_BY_DEFAULT)) : body.subarray(range.start, range.end),
    onlyTo,
    visit,
  });
  return { id: accepted.id };
}
