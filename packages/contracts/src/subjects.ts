import type { DeliveryId } from './ids.ts';

/** `g`: replicated to the other regions. `l`: stays in its region; the replication filter cannot see it. */
export type Scope = 'g' | 'l';

/** The facts that a LOG holds, as `<noun>.<verb>`. */
export const FACT_TYPES = [
  'event.accepted',
  /** An accepted event too, of a finished workflow run: planning it asks GitHub, so it must not stand in the way of the others. */
  'run.completed',
  'event.refused',
  'plan.made',
  'delivery.attempted',
  'delivery.refused',
  'region.changed',
  'region.beat',
  'region.spilled',
  'takeover.claimed',
  'takeover.closed',
  'dispatch.decided',
  'dispatch.intended',
  'dispatch.settled',
  'dispatch.ended',
  'dispatch.reported',
  'dispatch.swept',
  /** Asked for by an operator: an attempt now, or none any more. */
  'delivery.instructed',
  'dead_letter.discarded',
  'job.created',
  /** What a job works on, in parts. Its own subject, so that those who only want to know how the jobs stand need not read it. */
  'job.listed',
  'job.planned',
  'job.changed',
  'job.advanced',
  'job.ended',
  'management.acted',
  /** How fast a region's ingress answered. */
  'intake.measured',
] as const;
/** The facts that are accepted events: their body is an envelope. */
export const ACCEPTED_TYPES = ['event.accepted', 'run.completed'] as const satisfies readonly FactType[];
export type AcceptedType = (typeof ACCEPTED_TYPES)[number];
export type FactType = (typeof FACT_TYPES)[number];

const JOB_FACTS = ['job.created', 'job.planned', 'job.changed', 'job.advanced', 'job.ended'] as const satisfies readonly FactType[];

export const REGION_ID = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

const upper = (region: string): string => region.toUpperCase().replaceAll('-', '_');

/** Names of the streams and buckets of a region. */
export const streamNames = (region: string) => ({
  log: `LOG_${upper(region)}`,
  peers: `PEERS_${upper(region)}`,
  retry: `RETRY_${upper(region)}`,
});
export const REGISTRY_BUCKET = 'registry';

/** A bucket of the object store, and the stream that it is. */
export interface BodyBucket {
  readonly bucket: string;
  readonly stream: string;
}
const bodyBucket = (bucket: string): BodyBucket => ({ bucket, stream: `OBJ_${bucket}` });

/** Where a region keeps large payloads: `own` those that it accepted, `copies` those of other regions that it needed. */
export const bodyBuckets = (region: string): { readonly own: BodyBucket; readonly copies: BodyBucket } => ({
  own: bodyBucket(`bodies_${region}`),
  copies: bodyBucket(`copies_${region}`),
});
/** Objects are stored in parts of this size, in bytes; the last one is smaller. */
export const BODY_PART_BYTES = 524_288;
/** The subjects of a bucket: `C.<id>` the parts of an object, `M.<name>` what is said about it. */
export const bodySubjects = (bucket: string) => ({
  parts: (id: string): string => `$O.${bucket}.C.${id}`,
  about: (encodedName: string): string => `$O.${bucket}.M.${encodedName}`,
  all: [`$O.${bucket}.C.*`, `$O.${bucket}.M.*`],
});

/** Durable consumers, by the service that owns them. */
export const CONSUMERS = {
  planner: 'planner',
  /** Finished workflow runs. */
  plannerRuns: 'planner_runs',
  /** Plans of this region for itself. */
  dispatcherPlans: 'dispatcher_plans',
  /** Plans of strict tenants: they go on while the others must wait. */
  dispatcherLocal: 'dispatcher_local',
  /** Plans of other regions for this one, on PEERS. */
  dispatcherPeers: 'dispatcher_peers',
  dispatcherDue: 'dispatcher_due',
  projector: 'projector',
} as const;

/** The consumer of a region's stream that feeds another region's copy of it. */
export const peerConsumer = (peer: string): string => `to_${peer}`;
/** Where the messages of that consumer are delivered: `xr` for the LOG, `xk` for the registry. */
export const replicationSubjects = {
  log: (origin: string, destination: string): string => `xr.${origin}.to.${destination}`,
  registry: (origin: string, destination: string): string => `xk.${origin}.to.${destination}`,
};

/**
 * Builds every subject of Waybill. A LOG subject never holds an id: each distinct subject costs the server 180-280 bytes of memory for ever
 * (measured on 2.15.1). RETRY subjects do hold one, because a schedule is replaced and removed by its subject.
 */
export const subjects = {
  fact: (region: string, scope: Scope, type: Exclude<FactType, 'plan.made'>): string => `wb.${region}.${scope}.${type}`,
  /** A plan names the region that must deliver it, so that region's dispatcher can filter on it. */
  plan: (region: string, scope: Scope, deliverIn: string): string => `wb.${region}.${scope}.plan.made.${deliverIn}`,
  logFilter: (region: string): string[] => [`wb.${region}.g.>`, `wb.${region}.l.>`],
  factFilter: (region: string, type: FactType): string => `wb.${region}.*.${type}${type === 'plan.made' ? '.>' : ''}`,
  plansFor: (region: string, deliverIn: string, scope: Scope | '*' = '*'): string => `wb.${region}.${scope}.plan.made.${deliverIn}`,
  /** Plans of any region for this one, as PEERS holds them. */
  peerPlansFor: (deliverIn: string): string => `wb.*.g.plan.made.${deliverIn}`,
  /** What the other regions may have a copy of. */
  replicated: (region: string): string => `wb.${region}.g.>`,
  /** One type of fact of all regions, as PEERS holds it. */
  peerFacts: (type: FactType): string => `wb.*.g.${type}${type === 'plan.made' ? '.>' : ''}`,
  /** All that was said of workflow dispatches, wherever: for readers of a LOG or of PEERS. */
  dispatchFacts: 'wb.*.*.dispatch.>',
  /** Deliveries of any kind that ended without a try, wherever: for the same readers. */
  refusedDeliveries: 'wb.*.*.delivery.refused',
  /** How the jobs of a region stand, without what they work on. Jobs are nobody else's business, so they are scope `l`. */
  jobFacts: (region: string): string[] => JOB_FACTS.map((type) => `wb.${region}.l.${type}`),
  /** What operators asked of deliveries, wherever: for readers of a LOG or of PEERS. */
  instructedDeliveries: 'wb.*.*.delivery.instructed',
  retryFilter: (region: string): string => `wb.${region}.retry.>`,
  /** Those that keep an order have their own, for all of them must be read at a start. */
  retrySchedule: (region: string, deliveryId: DeliveryId, isOrdered = false): string =>
    `wb.${region}.retry.${isOrdered ? 'o' : 's'}.${deliveryId}`,
  /** The schedule of a delivery, whichever kind it is of. */
  anySchedule: (region: string, deliveryId: DeliveryId): string => `wb.${region}.retry.*.${deliveryId}`,
  orderedSchedules: (region: string): string => `wb.${region}.retry.o.>`,
  retryDue: (region: string): string => `wb.${region}.retry.due`,
};

/** What a LOG subject says. `deliverIn` is set for plans only. */
export interface FactSubject {
  readonly region: string;
  readonly scope: Scope;
  readonly type: FactType;
  readonly deliverIn?: string;
}

/** Parses a LOG subject; undefined for anything else. */
export function parseFactSubject(subject: string): FactSubject | undefined {
  const [root, region, scope, noun, verb, deliverIn, ...rest] = subject.split('.');
  if (root !== 'wb' || region === undefined || (scope !== 'g' && scope !== 'l') || rest.length > 0) return undefined;
  const type = FACT_TYPES.find((known) => known === `${noun}.${verb}`);
  if (type === undefined || (type === 'plan.made') !== (deliverIn !== undefined)) return undefined;
  return deliverIn === undefined ? { region, scope, type } : { region, scope, type, deliverIn };
}

/** Header names of messages in a LOG. */
export const HEADERS = {
  msgId: 'Nats-Msg-Id',
  /** 128-bit hash of (tenant, source, idempotency key), hex; only on events whose sender gave a key. */
  idempotency: 'Wb-Idempotency',
  /** Hash of the body that came with the key, to tell "again" from "another body, same key". */
  bodyHash: 'Wb-Body-Hash',
  /**
   * Sequence of the newest entry of the writer's own region in its registry stream (for scope `g`: of those that are replicated). A reader, in whichever
   * region, waits until it has seen at least as much of that region.
   */
  registryRevision: 'Wb-Registry',
  /** Sequence, in the registry stream of the writer's region, up to which the writer had read: a reader in the same region waits until it has read as far. */
  registrySeen: 'Wb-Registry-Seen',
  /** W3C trace context of what wrote the message; absent: its trace is not recorded. */
  traceparent: 'traceparent',
} as const;
