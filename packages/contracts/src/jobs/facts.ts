import { z } from 'zod';
import { byWhomSchema } from '../facts/dead-letters.ts';
import { factIds } from '../facts/fact-ids.ts';
import type { DeliveryId } from '../ids.ts';

const { eventId, endpointId, tenantId, jobId, instant } = factIds;

/** `redrive`: dead letters are tried again. `replay`: events of a time range are sent again, or into an endpoint that did not get them. */
export const JOB_KINDS = ['redrive', 'replay'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** Which dead letters; all that is given must fit. Times are those of the dead letter. */
export const deadLetterFilterSchema = z.strictObject({
  tenantId: tenantId.optional(),
  endpointId: endpointId.optional(),
  reason: z.string().max(100).optional(),
  eventType: z.string().max(128).optional(),
  /** The region that made them dead letters; absent: the one that is asked. */
  region: z.string().optional(),
  from: instant.optional(),
  to: instant.optional(),
});
export type DeadLetterFilter = z.infer<typeof deadLetterFilterSchema>;

/** `ids` or `filter`, and whether workflow dispatches among them may be made again. */
export const redriveSpecSchema = z.object({
  kind: z.literal('redrive'),
  ids: z.array(z.string()).min(1).max(1_000).optional(),
  filter: deadLetterFilterSchema.optional(),
  dispatches: z.boolean().default(false),
});
export type RedriveSpec = z.infer<typeof redriveSpecSchema>;

/**
 * Events that were accepted in `[from, to)`. `destinations`: `then` are the endpoints that each event was planned for, `now` those that want it today.
 * `endpointId` narrows either to one endpoint. `into` sends to this endpoint alone, whether or not it wanted the event then; its event types and filter count.
 * Workflow runs and what jobs made are left out.
 */
export const replaySpecSchema = z.object({
  kind: z.literal('replay'),
  from: instant,
  to: instant,
  tenantId: tenantId.optional(),
  eventTypes: z.array(z.string()).min(1).max(50).optional(),
  /** The region that accepted; absent: all whose events are here. */
  region: z.string().optional(),
  destinations: z.enum(['then', 'now']),
  endpointId: endpointId.optional(),
  into: endpointId.optional(),
});
export type ReplaySpec = z.infer<typeof replaySpecSchema>;

export const jobSpecSchema = z.discriminatedUnion('kind', [redriveSpecSchema, replaySpecSchema]);
export type JobSpec = z.infer<typeof jobSpecSchema>;

/** Deliveries that a job may plan in a second. */
export const jobRateSchema = z.number().min(0.1).max(10_000);
export const DEFAULT_JOB_RATE = 200;

/** One dead letter as a job is given it. `event` is where this region has the accepted event, `plan` the plan that names the delivery. */
export const listedItemSchema = z.object({
  id: z.string(),
  kind: z.enum(['delivery', 'event']),
  eventId,
  tenantId: z.string(),
  endpointId: endpointId.optional(),
  event: z.object({ stream: z.string(), seq: z.int().min(1) }),
  plan: z.object({ stream: z.string(), seq: z.int().min(1) }).optional(),
  /** That made it a dead letter; absent: not known. */
  region: z.string().optional(),
});
export type ListedItem = z.infer<typeof listedItemSchema>;

/** The delivery that a dead letter of that kind is. */
export const deadDeliveryId = ({ id }: Pick<ListedItem, 'id'>): DeliveryId => id as DeliveryId;

/** Most items of one `job.listed`, and of one job. */
export const MOST_LISTED = 500;
export const MOST_ITEMS = 1_000_000;

/** `job.listed`: a part of what a job works on, in order. Written before `job.created`, which names the sequences of all parts: without it, it counts for nothing. */
export const jobListedSchema = z.object({
  v: z.literal(1),
  jobId,
  part: z.int().min(0),
  items: z.array(listedItemSchema).min(1).max(MOST_LISTED),
  at: instant,
});
export type JobListed = z.infer<typeof jobListedSchema>;

const endpointCountSchema = z.object({ tenantId: z.string(), endpointId: z.string(), count: z.int() });

/** `job.created`: written by the ingress. `lists`: sequences of its `job.listed` in this LOG. `start`: it begins as soon as it is planned. */
export const jobCreatedSchema = z.object({
  v: z.literal(1),
  jobId,
  region: z.string(),
  spec: jobSpecSchema,
  ratePerSecond: jobRateSchema,
  start: z.boolean(),
  lists: z.array(z.int().min(1)),
  /** Digest of the key that its caller gave it: the same command again is the same job. */
  keyHash: z.string().optional(),
  by: byWhomSchema,
  at: instant,
});
export type JobCreated = z.infer<typeof jobCreatedSchema>;

/** A stretch of a stream that a replay reads. `created` is the stream's own time of birth: in another stream the sequences mean something else. */
export const stretchSchema = z.object({ stream: z.string(), created: z.string(), fromSeq: z.int().min(1), toSeq: z.int().min(0) });
export type JobStretch = z.infer<typeof stretchSchema>;

/** Counts by reason, as `{ endpoint_deleted: 3 }`. */
const countsSchema = z.record(z.string(), z.int().min(0));

/** `job.planned`: what will be sent when the job starts. `skipped` counts what will not be. `endpoints`: the most affected ones, at most 100. */
export const jobPlannedSchema = z.object({
  v: z.literal(1),
  jobId,
  deliveries: z.int().min(0),
  events: z.int().min(0),
  endpoints: z.array(endpointCountSchema).max(100),
  endpointCount: z.int().min(0),
  skipped: countsSchema,
  stretches: z.array(stretchSchema),
  at: instant,
});
export type JobPlanned = z.infer<typeof jobPlannedSchema>;

export const JOB_CHANGES = ['start', 'pause', 'resume', 'cancel', 'rate'] as const;
export type JobChange = (typeof JOB_CHANGES)[number];

/** `job.changed`: a command. Written by the ingress, after it saw that the job is in a state for it. */
export const jobChangedSchema = z.object({
  v: z.literal(1),
  jobId,
  change: z.enum(JOB_CHANGES),
  ratePerSecond: jobRateSchema.optional(),
  by: byWhomSchema,
  at: instant,
});
export type JobChanged = z.infer<typeof jobChangedSchema>;

/** Up to and with which item everything is done: a `job.listed` and the place in it, or a message of a stretch (`item` 0). */
export const jobPlaceSchema = z.object({ stream: z.string(), seq: z.int().min(0), item: z.int().min(0) });
export type JobPlace = z.infer<typeof jobPlaceSchema>;

/** `job.advanced`: progress. `done`, `skipped`: totals since the start. What was planned after it is found by its Msg-Id, see `replayMsgId`. */
export const jobAdvancedSchema = z.object({
  v: z.literal(1),
  jobId,
  place: jobPlaceSchema,
  done: z.int().min(0),
  skipped: countsSchema,
  at: instant,
});
export type JobAdvanced = z.infer<typeof jobAdvancedSchema>;

export const JOB_ENDS = ['done', 'cancelled', 'failed', 'expired'] as const;

/** `job.ended`: nothing more comes of it. `expired`: it was planned and nobody started it for a day. */
export const jobEndedSchema = z.object({
  v: z.literal(1),
  jobId,
  how: z.enum(JOB_ENDS),
  detail: z.string().optional(),
  done: z.int().min(0),
  skipped: countsSchema,
  at: instant,
});
export type JobEnded = z.infer<typeof jobEndedSchema>;

/**
 * Msg-Id of a plan that a job made. The event id stands where it stands in every plan's Msg-Id; `n` tells the plans apart that one item led to (its
 * place among the regions that deliver), 0 for the first.
 */
export const replayMsgId = (wanted: { eventId: string; region: string; jobId: string; itemId: string; n: number }): string =>
  `plan:${wanted.eventId}:${wanted.region}:${wanted.jobId}:${wanted.itemId}:${wanted.n}`;
