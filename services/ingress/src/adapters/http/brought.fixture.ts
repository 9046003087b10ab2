import { envelopeV3Schema, newEventId } from '@waybill/contracts';
import type { Brought } from '../../application/visit.ts';

const { tenantId, source } = envelopeV3Schema.shape;

/** An event that a request brought for the first time, and that is not in any trace. */
export const broughtIn: Brought = {
  eventId: newEventId(1_800_000_000_000, new Uint8Array(10)),
  duplicate: false,
  tenantId: tenantId.parse('acme'),
  source: source.parse('api'),
  eventType: 'order.paid',
  correlationId: 'order-1',
  bytes: 14,
  place: { context: undefined },
};
