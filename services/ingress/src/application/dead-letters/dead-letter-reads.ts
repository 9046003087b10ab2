import { DELIVERY_STATES, type DeadLetterFilter } from '@waybill/contracts';
import { z } from 'zod';

const instant = z.iso.datetime();
/** A message of one of this region's streams. */
const messageSchema = z.object({ stream: z.string(), seq: z.int().min(1) });

export const DEAD_LETTER_STATES = ['open', 'redriven', 'discarded'] as const;

/** A dead letter as the read models show it. `event` and `plan` are null when this region does not have them (any more). */
export const deadLetterSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['delivery', 'event']),
    at: instant,
    tenantId: z.string(),
    endpointId: z.string().nullish(),
    eventId: z.string(),
    eventType: z.string().nullish(),
    /** That made it a dead letter. */
    region: z.string(),
    scope: z.enum(['g', 'l']),
    reason: z.string(),
    detail: z.string().nullish(),
    httpStatus: z.int().nullish(),
    state: z.enum(DEAD_LETTER_STATES),
    resolved: z.object({ at: instant, jobId: z.string().nullish(), actor: z.string().nullish(), reason: z.string().nullish() }).nullish(),
    event: messageSchema.nullish(),
    plan: messageSchema.nullish(),
  })
  .meta({ id: 'DeadLetter' });
export type DeadLetter = z.output<typeof deadLetterSchema>;

/** Open dead letters that belong together. */
export const deadLetterGroupSchema = z
  .object({
    tenantId: z.string(),
    endpointId: z.string().nullish(),
    reason: z.string(),
    region: z.string(),
    count: z.int(),
    oldest: instant.nullish(),
    newest: instant.nullish(),
  })
  .meta({ id: 'DeadLetterGroup' });

/** Up to which message a stream was read; `created` is the stream's time of birth: in another stream the sequences mean something else. */
const readSchema = z.looseObject({ seq: z.int().min(0), created: z.string().nullish() });
export const positionSchema = z.object({ log: readSchema, peers: readSchema.nullish() }).meta({ id: 'ReadPosition' });
export type ReadPosition = z.output<typeof positionSchema>;

/** What a command has to know of a delivery. */
export const deliverySchema = z.object({
  id: z.string(),
  eventId: z.string(),
  tenantId: z.string(),
  endpointId: z.string(),
  state: z.enum(DELIVERY_STATES),
});
export type DeliverySeen = z.output<typeof deliverySchema>;

export interface DeadLetterPage {
  readonly data: readonly DeadLetter[];
  readonly done: boolean;
  readonly iterator: string | null;
}

/** What the commands read of the read models. All throw WB_PROJECTOR_AWAY. */
export interface DeadLetterReads {
  readonly position: () => Promise<ReadPosition>;
  /** Open ones, newest first; WB_SCHEMA_VIOLATION for a filter that makes no sense. */
  readonly page: (filter: DeadLetterFilter, iterator: string | undefined) => Promise<DeadLetterPage>;
  readonly find: (id: string) => Promise<DeadLetter | undefined>;
  readonly delivery: (id: string) => Promise<DeliverySeen | undefined>;
}
