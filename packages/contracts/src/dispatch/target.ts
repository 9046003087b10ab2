import { hash } from 'node:crypto';
import { z } from 'zod';
import { type DeliveryId, deliveryIdOf, type EndpointId, type EventId, type JobId, replayDeliveryId } from '../ids.ts';

/** How a run is connected with those that led to it. `ancestors`: workflows that ran before in this chain, as `<repository id>/<workflow file>`, the first one first. */
export const chainSchema = z.object({ id: z.string(), depth: z.int().min(0), ancestors: z.array(z.string()) });
export type Chain = z.infer<typeof chainSchema>;

/** One workflow dispatch that was allowed: all that the call needs. `inputs` are rendered. */
export const dispatchTargetSchema = z.object({
  /** Digest of the source run's identity and of the target's: what must happen at most once. See `dispatchKey`. */
  key: z.string(),
  /** An operator asked for it again: the key of the dispatch that did not work out. Nothing is called if that one turns out to have started its run. */
  repeats: z.string().optional(),
  host: z.string(),
  installationId: z.string(),
  repositoryId: z.string(),
  owner: z.string(),
  repo: z.string(),
  /** Base name of the workflow file. */
  workflow: z.string(),
  /** A branch or a tag. */
  ref: z.string(),
  inputs: z.record(z.string(), z.string()),
  /** The `id` of the outbound rule, or its place in the file, as `outbound[2]`. */
  rule: z.string(),
  /** Of the run that this dispatch starts. */
  chain: chainSchema,
});
export type DispatchTarget = z.infer<typeof dispatchTargetSchema>;

const PREFIX = 'github:';
const PART = /^github:([^/]+)\/([^/]+)\/(.+)$/;

/** What stands in the place of an endpoint for a target workflow: `github:acme/my-target-repo/cd.yml`. No entry of the registry has such an id. */
export const githubEndpointId = (owner: string, repo: string, workflow: string): EndpointId =>
  `${PREFIX}${owner.toLowerCase()}/${repo.toLowerCase()}/${workflow}` as EndpointId;

/** The parts of such an id; undefined for endpoints of the registry. */
export function parseGithubEndpointId(
  endpointId: string,
): { readonly owner: string; readonly repo: string; readonly workflow: string } | undefined {
  const [, owner, repo, workflow] = PART.exec(endpointId) ?? [];
  return owner === undefined || repo === undefined || workflow === undefined ? undefined : { owner, repo, workflow };
}

/** What makes two dispatches of one run the same: repository id, workflow, ref and inputs. */
export type TargetIdentity = Pick<DispatchTarget, 'repositoryId' | 'workflow' | 'ref' | 'inputs'>;

/** Key of the dispatch that a source run owes to a target: 32 hex digits. The same whichever delivery of the webhook led to it, in whichever region. */
export function dispatchKey(runIdentity: string, { repositoryId, workflow, ref, inputs }: TargetIdentity): string {
  const sorted = Object.entries(inputs).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return hash('sha256', JSON.stringify([runIdentity, repositoryId, workflow, ref, sorted])).slice(0, 32);
}

/** The key of a target that is denied, by its place in the file: two decisions about one run may have read different files. */
export const deniedKey = (ordinal: number, endpointId: EndpointId): string => `denied:${ordinal}:${endpointId}`;

/** The delivery id of one target of a run; `key` tells it from the others: that of its `DispatchTarget` when it is allowed, else `deniedKey`. */
export const dispatchDeliveryId = (eventId: EventId, key: string): DeliveryId => deliveryIdOf(eventId, key as EndpointId);

/**
 * The dispatch that a job makes in place of one that did not work out: the same call under a key and a delivery id of its own, both functions of the job.
 * Its `repeats` is the key of the one before.
 */
export function repeatDispatch(
  jobId: JobId,
  eventId: EventId,
  target: DispatchTarget,
): { readonly deliveryId: DeliveryId; readonly dispatch: DispatchTarget } {
  const key = hash('sha256', `${target.key} ${jobId}`).slice(0, 32);
  // Two dispatches of a run to one workflow differ by their keys alone.
  return { deliveryId: replayDeliveryId(jobId, eventId, key as EndpointId), dispatch: { ...target, key, repeats: target.key } };
}

/** The region whose turn it is to write through an installation when its owner has no placement: the same in all regions, so that one region paces it. */
export function pinnedRegion(owner: string, regions: readonly string[]): string | undefined {
  const weight = (region: string): string => hash('sha256', `${owner.toLowerCase()} ${region}`);
  return regions.toSorted((left, right) => (weight(left) < weight(right) ? -1 : 1))[0];
}
