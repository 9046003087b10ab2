import { z } from 'zod';
import type { EndpointId, EventId, SourceId, TenantId } from '../ids.ts';

/** Dotted name of an event type: `order.paid`, `github.workflow_run`. At most 128 characters. */
export const eventTypeSchema = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/, 'use letters, digits, _ and - in parts separated by dots, as in order.paid');

export const tenantIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'use 1-64 letters, digits, _ or -');
export const sourceIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'use 1-64 letters, digits, _ or -');
const timestampSchema = z.iso.datetime({ offset: true });

const versionSchema = z.int().min(1).max(1_000_000);

/** What every reader may look at before it knows whether it may read the rest. */
export const versionGateSchema = z.looseObject({ version: versionSchema, minCompatible: versionSchema.default(1) });

/** Version 1, before tenants had several sources: short names, no compatibility. Kept for the log's oldest entries. */
export const envelopeV1Schema = z.looseObject({
  version: z.literal(1),
  id: z.string(),
  type: eventTypeSchema,
  time: timestampSchema,
  tenant: tenantIdSchema,
  data: z.unknown(),
});

/** Version 2: the names of today, without region, source and correlation. */
export const envelopeV2Schema = z.looseObject({
  version: z.literal(2),
  minCompatible: versionSchema.default(1),
  eventId: z.string(),
  eventType: eventTypeSchema,
  timestamp: timestampSchema,
  tenantId: tenantIdSchema,
  data: z.unknown(),
});

/**
 * A payload that is too large to travel with its event: `data` is then null, and the bytes lie in the body store of `region`, the one that accepted it.
 * `sha256`: hex digest of the bytes, which is also their name. `bytes`: how many.
 */
export const bodyRefSchema = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(1),
  region: z.string(),
});
export type BodyRef = z.infer<typeof bodyRefSchema>;

/** Version 3, the newest. Trace context travels in message headers, not here. */
export const envelopeV3Schema = z.object({
  version: versionSchema,
  minCompatible: versionSchema.default(1),
  eventId: z.string().transform((id) => id as EventId),
  eventType: eventTypeSchema,
  timestamp: timestampSchema,
  region: z.string(),
  tenantId: tenantIdSchema.transform((id) => id as TenantId),
  source: z.string().transform((id) => id as SourceId),
  correlationId: z.string(),
  causationId: z.string().optional(),
  orderingKey: z.string().max(256).optional(),
  bodyRef: bodyRefSchema.optional(),
  /** Only this endpoint gets it, whatever it and others subscribe to: a test that an operator sends. */
  onlyTo: z
    .string()
    .max(64)
    .transform((id) => id as EndpointId)
    .optional(),
  data: z.unknown(),
});

/** An event with its context. `data` is whatever JSON the producer sent. */
export type Envelope = z.infer<typeof envelopeV3Schema>;
/** The envelope without its payload, which the hot path never parses. */
export type EnvelopeHead = Omit<Envelope, 'data'>;

/** What the deployment speaks: the version it writes and the oldest it still reads. */
export interface EventSchema {
  readonly version: number;
  readonly minCompatible: number;
}
export const EVENT_SCHEMA: EventSchema = { version: 3, minCompatible: 2 };
