import { z } from 'zod';
import { factIds } from '../facts/fact-ids.ts';
import { DISPATCH_FAILURES, RUN_SKIPS, TARGET_DENIALS } from './reasons.ts';
import { chainSchema, dispatchTargetSchema } from './target.ts';

const { eventId, deliveryId, endpointId, tenantId, instant } = factIds;

/** The source run, as far as the story of its dispatches needs it. */
const sourceRunSchema = z.object({
  /** See `runIdentity`. */
  identity: z.string(),
  host: z.string(),
  installationId: z.string().optional(),
  repositoryId: z.string(),
  owner: z.string(),
  repo: z.string(),
  /** Base name of the workflow file, or the path as it came when it is none. */
  workflow: z.string(),
  id: z.string(),
  attempt: z.int(),
  conclusion: z.string().nullable(),
  event: z.string(),
  headBranch: z.string().nullable(),
  headSha: z.string(),
  url: z.string(),
});
export type SourceRun = z.infer<typeof sourceRunSchema>;

const decidedTargetSchema = z.object({
  deliveryId,
  endpointId,
  owner: z.string(),
  repo: z.string(),
  workflow: z.string(),
  /** Absent when the target was denied before its ref was known. */
  ref: z.string().optional(),
  rule: z.string(),
  /** What to call, when it was allowed: the plan is made from this. */
  dispatch: dispatchTargetSchema.optional(),
  denied: z.object({ reason: z.enum(TARGET_DENIALS), detail: z.string() }).optional(),
});
export type DecidedTarget = z.infer<typeof decidedTargetSchema>;

/** Most characters of a `dispatching.yml` that a decision keeps, and of all its files together. */
export const MOST_KEPT_TEXT = { file: 16_384, all: 65_536 } as const;

/** A `dispatching.yml` as it was read for a decision. `missing`: there was none. `isCut`: `text` is only its beginning. */
const decidedFileSchema = z.object({
  /** `owner/name`. */
  repository: z.string(),
  path: z.string(),
  sha: z.string().optional(),
  missing: z.literal(true).optional(),
  text: z.string(),
  isCut: z.literal(true).optional(),
});
export type DecidedFile = z.infer<typeof decidedFileSchema>;

/**
 * `dispatch.decided`: what one finished run leads to, written before its plans; what was decided is not decided again. `skip`: nothing, for this
 * reason. `warnings`: such as `config_shadowed`.
 */
export const dispatchDecidedSchema = z.object({
  v: z.literal(1),
  eventId,
  tenantId,
  region: z.string(),
  run: sourceRunSchema,
  skip: z.object({ reason: z.enum(RUN_SKIPS), detail: z.string() }).optional(),
  warnings: z.array(z.string()),
  chain: chainSchema,
  targets: z.array(decidedTargetSchema),
  /** What the decision was read from, the source's file first; absent in decisions of before this was kept. */
  files: z.array(decidedFileSchema).optional(),
  at: instant,
});
export type DispatchDecided = z.infer<typeof dispatchDecidedSchema>;

const ofDispatch = {
  v: z.literal(1),
  deliveryId,
  eventId,
  tenantId,
  endpointId,
  /** See `dispatchKey`. */
  key: z.string(),
  region: z.string(),
  at: instant,
};

/** `dispatch.intended`: written and acked before the call goes out, so that whoever comes later never calls blindly. `attempt` is that of the delivery. */
export const dispatchIntendedSchema = z.object({
  ...ofDispatch,
  attempt: z.int().min(1),
  host: z.string(),
  repositoryId: z.string(),
  workflow: z.string(),
  ref: z.string(),
});
export type DispatchIntended = z.infer<typeof dispatchIntendedSchema>;

/**
 * `dispatch.settled`: what became of the call, written before `delivery.attempted`. `unknown` is no end: it is followed by another one when the runs
 * were listed. `how`: GitHub's answer named the run, or it was found by listing. A server that names no run (Enterprise Server to 3.19) leaves the id out.
 * `released`: the call is known not to have reached GitHub, so the next try may call; `givenUp`: no try follows by itself.
 */
export const dispatchSettledSchema = z.object({
  ...ofDispatch,
  host: z.string(),
  repositoryId: z.string(),
  workflow: z.string(),
  ref: z.string(),
  chain: chainSchema,
  outcome: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('started'),
      runId: z.string().optional(),
      url: z.string().optional(),
      how: z.enum(['answered', 'found']),
    }),
    z.object({ kind: z.literal('unknown'), detail: z.string() }),
    z.object({ kind: z.literal('released'), detail: z.string(), givenUp: z.literal(true).optional() }),
    z.object({ kind: z.literal('failed'), reason: z.enum(DISPATCH_FAILURES), detail: z.string() }),
    z.object({ kind: z.literal('denied'), reason: z.enum(TARGET_DENIALS), detail: z.string() }),
  ]),
});
export type DispatchSettled = z.infer<typeof dispatchSettledSchema>;

/** `dispatch.ended`: the run that a dispatch started has finished. Written by the planner of the region that took the webhook in. */
export const dispatchEndedSchema = z.object({
  v: z.literal(1),
  deliveryId,
  eventId,
  tenantId,
  endpointId,
  host: z.string(),
  runId: z.string(),
  runAttempt: z.int().min(1),
  conclusion: z.string().nullable(),
  url: z.string(),
  region: z.string(),
  at: instant,
});
export type DispatchEnded = z.infer<typeof dispatchEndedSchema>;

/** `dispatch.reported`: the check run and the issue of a source run say what `digest` stands for. `failed`: why they could not be written; it is tried again. */
export const dispatchReportedSchema = z.object({
  v: z.literal(1),
  eventId,
  tenantId,
  region: z.string(),
  digest: z.string(),
  checkRunId: z.string().optional(),
  issueNumber: z.int().optional(),
  failed: z.string().optional(),
  at: instant,
});
export type DispatchReported = z.infer<typeof dispatchReportedSchema>;

/** `dispatch.swept`: the App's delivery list was read back to `from`; everything before `to` that GitHub made was delivered, or asked for again. */
export const dispatchSweptSchema = z.object({
  v: z.literal(1),
  region: z.string(),
  from: instant,
  to: instant,
  /** Deliveries that were listed, and those that were asked for again. */
  listed: z.int(),
  redelivered: z.array(z.object({ guid: z.string(), deliveryId: z.string() })),
  /** Age of the oldest delivery that had not arrived, in seconds; 0 without one. */
  gapSeconds: z.number(),
  at: instant,
});
export type DispatchSwept = z.infer<typeof dispatchSweptSchema>;
