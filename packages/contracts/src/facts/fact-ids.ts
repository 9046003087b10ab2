import { z } from 'zod';
import { tenantIdSchema } from '../envelope/envelope.ts';
import type { DeliveryId, EndpointId, EventId, JobId, TenantId } from '../ids.ts';

/** The ids and times that facts are made of. They were checked where they came in, so a reader only gives them their type. */
export const factIds = {
  eventId: z.string().transform((id) => id as EventId),
  deliveryId: z.string().transform((id) => id as DeliveryId),
  endpointId: z.string().transform((id) => id as EndpointId),
  tenantId: tenantIdSchema.transform((id) => id as TenantId),
  jobId: z.string().transform((id) => id as JobId),
  instant: z.iso.datetime(),
};
