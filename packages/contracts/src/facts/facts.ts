import { z } from 'zod';
import { DISPATCH_FAILURES, TARGET_DENIALS } from '../dispatch/reasons.ts';
import { dispatchTargetSchema } from '../dispatch/target.ts';
import { bodyRefSchema, eventTypeSchema } from '../envelope/envelope.ts';
import { JOB_KINDS } from '../jobs/facts.ts';
import { factIds } from './fact-ids.ts';

const { eventId, deliveryId, endpointId, tenantId, jobId, instant } = factIds;

/** Why an event never became a plan. `poison` could not be read at all; the others are verdicts of the version gate. */
export const REFUSAL_REASONS = ['drop_incompatible', 'reader_too_old', 'poison'] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** `event.refused`: the event's end, set aside with its verdict. `seq` finds the message in the LOG of `region`. */
export const eventRefusedSchema = z.object({
  v: z.literal(1),
  eventId,
  tenantId: z.string(),
  eventType: z.string(),
  verdict: z.enum(REFUSAL_REASONS),
  detail: z.string(),
  version: z.number(),
  region: z.string(),
  seq: z.number(),
  at: instant,
});
export type EventRefused = z.infer<typeof eventRefusedSchema>;

/** The head of `plan.made`, "the waybill"; the payload follows as raw `data`. An empty list of deliveries: nothing subscribes. */
export const planHeadSchema = z.object({
  v: z.literal(1),
  event: z.object({
    eventId,
    eventType: eventTypeSchema,
    tenantId,
    source: z.string(),
    region: z.string(),
    timestamp: z.string(),
    correlationId: z.string(),
    orderingKey: z.string().optional(),
    bodyRef: bodyRefSchema.optional(),
  }),
  /** The region that delivers. */
  region: z.string(),
  /** How many plans this event was given, one for each region that delivers: so that a planner which died between two of them knows. Absent: one. */
  parts: z.int().min(1).optional(),
  /** Sequence of `event.accepted` in the LOG of `event.region`. */
  acceptedSeq: z.number(),
  /** The registry of the planner's region as far as the planner had seen it (see HEADERS.registryRevision); a dispatcher waits until it has seen as much. */
  registryRevision: z.number(),
  /** How far the planner had read the registry of its own region, copies of other regions' entries included: for a dispatcher of the same region. */
  registrySeen: z.number().optional(),
  /** Set on a plan that a job made of an event that was planned before, or set aside: nobody who keeps count of what was planned counts it. */
  replay: z.object({ jobId, kind: z.enum(JOB_KINDS) }).optional(),
  /** `dispatch`: this delivery is a workflow dispatch, and this is what to call. `replayOf`: the delivery in whose place this one is made. */
  deliveries: z.array(z.object({ deliveryId, endpointId, dispatch: dispatchTargetSchema.optional(), replayOf: deliveryId.optional() })),
  at: instant,
});
export type PlanHead = z.infer<typeof planHeadSchema>;

/** Why one attempt did not succeed. */
export const ATTEMPT_FAILURES = [
  'http_status',
  'redirect',
  'timeout',
  'connection_failed',
  'dns_failed',
  'tls_failed',
  'response_broken',
  'egress_denied',
  'gone',
  /** Cut off, because the region lost its lease while the attempt was under way. */
  'fenced',
  /** GitHub asked to slow down, or the installation's own pace did: no failure of the target. */
  'rate_limited',
  /** A dispatch may have started a run: it is looked for before anything else is done. */
  'outcome_unknown',
  /** Another dispatch of the same workflow has an unknown outcome; this one waits until that is known. */
  'waiting_for_other',
  ...DISPATCH_FAILURES,
  ...TARGET_DENIALS,
] as const;
export type AttemptFailure = (typeof ATTEMPT_FAILURES)[number];

/** What one attempt gave. */
export const outcomeSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('accepted'),
    httpStatus: z.number(),
    /** The workflow run that a dispatch started; the id is absent where GitHub names none. */
    run: z.object({ id: z.string().optional(), url: z.string().optional() }).optional(),
  }),
  z.object({
    kind: z.literal('retryable'),
    reason: z.enum(ATTEMPT_FAILURES),
    detail: z.string(),
    httpStatus: z.number().optional(),
    retryAfterMs: z.number().optional(),
  }),
  z.object({ kind: z.literal('rejected'), reason: z.enum(ATTEMPT_FAILURES), detail: z.string(), httpStatus: z.number().optional() }),
]);
export type AttemptOutcome = z.infer<typeof outcomeSchema>;

/** Why a delivery ended without success. */
export const DEAD_LETTER_REASONS = [
  'attempts_exhausted',
  'endpoint_gone',
  'endpoint_disabled',
  'endpoint_deleted',
  'payload_lost',
  /** An operator gave it up, such as one that holds its ordering key up. */
  'skipped',
  ...DISPATCH_FAILURES,
] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];
export const DENIAL_REASONS = ['egress_denied', ...TARGET_DENIALS] as const;
export type DenialReason = (typeof DENIAL_REASONS)[number];

/** What follows from an attempt. `retry.at` is when the next one is due. */
export const consequenceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('delivered') }),
  z.object({ kind: z.literal('retry'), at: instant }),
  z.object({ kind: z.literal('dead_lettered'), reason: z.enum(DEAD_LETTER_REASONS) }),
  z.object({ kind: z.literal('denied'), reason: z.enum(DENIAL_REASONS) }),
]);
export type Consequence = z.infer<typeof consequenceSchema>;

/** `delivery.attempted`: one try, its outcome and what follows. `attempt` counts from 1. */
export const deliveryAttemptedSchema = z.object({
  v: z.literal(1),
  deliveryId,
  eventId,
  tenantId,
  endpointId,
  attempt: z.int().min(1),
  /** When the try began. */
  at: instant,
  durationMs: z.number(),
  region: z.string(),
  outcome: outcomeSchema,
  next: consequenceSchema,
  /**
   * Within `durationMs`, in whole ms from the start of the try: when the connection that was made for it stood or was given up (absent: one was open), and when
   * the answer began (absent: none did). Absent as a whole: not measured, as for workflow dispatches.
   */
  phases: z.object({ connectMs: z.number().optional(), firstByteMs: z.number().optional() }).optional(),
  /** The first bytes of what the receiver answered, as text. */
  response: z.string().optional(),
});
export type DeliveryAttempted = z.infer<typeof deliveryAttemptedSchema>;

/** `delivery.refused`: the end of a delivery that could not be tried (again), such as one whose endpoint was deleted. */
export const deliveryRefusedSchema = z.object({
  v: z.literal(1),
  deliveryId,
  eventId,
  tenantId,
  endpointId,
  at: instant,
  region: z.string(),
  next: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('dead_lettered'), reason: z.enum(DEAD_LETTER_REASONS) }),
    z.object({ kind: z.literal('denied'), reason: z.enum(DENIAL_REASONS) }),
  ]),
});
export type DeliveryRefused = z.infer<typeof deliveryRefusedSchema>;

/** Delivery states that a read model may show. `superseded`: it was a dead letter, and a job made another delivery in its place. */
export const DELIVERY_STATES = ['planned', 'delivering', 'retrying', 'delivered', 'dead_lettered', 'denied', 'superseded'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];
