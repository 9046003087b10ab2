import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { bodyBuckets, CONSUMERS, CONTROL_BUCKET, streamNames, subjects } from '@waybill/contracts';
import { bodyCopies, ownBodies } from './body-topology.ts';
import { logSources, REGISTRY_STREAM, REGISTRY_SUBJECT_PREFIX, registrySources, replicationConsumers } from './peer-topology.ts';

const nanos = (ms: number): number => ms * 1_000_000;
const DAY_MS = 86_400_000;

/** What an operator may choose about a region's streams. */
export interface TopologyOptions {
  /** Copies of each stream: 1 in development, 3 in production. */
  readonly replicas?: number;
  /** Days that facts are kept which have their end; 0 keeps them for ever. Must outlast the retry schedule, for retries read their payload here. */
  readonly logMaxAgeDays?: number;
  /** Days that open dead letters are kept with all that belongs to them; 0 keeps them for ever. */
  readonly deadLetterDays?: number;
  /** Bytes the LOG may hold; -1: as much as the server allows. When it is full, accepting stops with 503. */
  readonly logMaxBytes?: number;
  /**
   * Bytes that large payloads which this region accepted may take at most, each counted in parts of 512 KiB and one more; -1: as much as the server allows.
   * When full, such are answered with 503.
   */
  readonly bodyMaxBytes?: number;
  /** The same of other regions' payloads that are kept here; when full, the oldest go. */
  readonly bodyCopiesMaxBytes?: number;
  /** Ids of the other regions. None: a single region, which others can join later. */
  readonly peers?: readonly string[];
}

export type WantedStream = Partial<StreamConfig> & Pick<StreamConfig, 'name'>;
export type WantedConsumer = Partial<ConsumerConfig> & { readonly durable_name: string };

/** The streams and consumers of one region, as data. */
export interface Topology {
  readonly streams: readonly WantedStream[];
  readonly consumers: readonly { readonly stream: string; readonly config: WantedConsumer }[];
}

/**
 * Unacked work is handed out again after this long; services prove every 5 s that they are alive, so it only counts for dead ones.
 * Short, because it is also how long a killed service's work waits.
 */
const ACK_WAIT_MS = 15_000;

/**
 * How long the LOG knows a Msg-Id again: about 260 bytes of server memory for each of three facts an event, so at 1,200 events/s a minute is 56 MB and
 * two would be 112. It must outlast a publish that is repeated (seconds) and the ingress index's allowed lag (30 s); ADR 6.
 */
const LOG_WINDOW_MS = 60_000;

const MAX_PLANS_PENDING = 4_000;
/** Finished runs that wait for GitHub are given back for later; more than these wait in the LOG. */
const MAX_RUNS_PENDING = 4_000;

const work = (durable: string, filters: string[], maxAckPending: number): WantedConsumer => ({
  durable_name: durable,
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  ack_wait: nanos(ACK_WAIT_MS),
  max_deliver: -1,
  max_ack_pending: maxAckPending,
  filter_subjects: filters,
});

/** The streams and consumers that a region needs, with those that connect it with its peers. */
export function regionTopology(region: string, options: TopologyOptions = {}): Topology {
  const { replicas = 1, peers = [] } = options;
  const { own, copies } = bodyBuckets(region);
  const streams = [
    logStream(region, options),
    retryStream(region, replicas),
    registryStream(region, replicas, peers),
    { ...common(replicas), ...ownBodies(own, maxAgeMs(options), options.bodyMaxBytes) },
  ];
  if (peers.length === 0) return { streams, consumers: consumersOf(region) };
  return {
    streams: [
      ...streams,
      peersStream(region, options),
      { ...common(replicas), ...bodyCopies(copies, maxAgeMs(options), options.bodyCopiesMaxBytes) },
    ],
    consumers: [...consumersOf(region), ...replicationConsumers(region, peers), ...peersConsumers(region)],
  };
}

/** The bucket of region states and leases: one for all regions in the hub's domain, or the region's own where there is no hub. */
export function controlTopology(replicas = 1): Topology {
  return { streams: [controlStream(replicas)], consumers: [] };
}

const common = (replicas: number): Partial<StreamConfig> => ({
  storage: StorageType.File,
  num_replicas: replicas,
  max_consumers: 5_000,
  duplicate_window: nanos(120_000),
  allow_direct: true,
});

/** What a stream keeps at most: room beyond what `waybill retention` is to remove, so that the server removes nothing that has no end yet. */
const MAX_AGE_MARGIN_DAYS = 15;

/** How long facts are kept, in ms; infinite for ever. `ended`: those that have their end; `deadLetters`: with what belongs to open dead letters. */
export function keptMs({ logMaxAgeDays = 14, deadLetterDays = 30 }: TopologyOptions): {
  readonly ended: number;
  readonly deadLetters: number;
} {
  const forEver = (days: number): number => (days === 0 ? Number.POSITIVE_INFINITY : days * DAY_MS);
  return { ended: forEver(logMaxAgeDays), deadLetters: forEver(deadLetterDays) };
}

/** The hard end of what a stream keeps, in ms; 0: for ever. */
function maxAgeMs(options: TopologyOptions): number {
  const { ended, deadLetters } = keptMs(options);
  const longest = Math.max(ended, deadLetters);
  return Number.isFinite(longest) ? longest + MAX_AGE_MARGIN_DAYS * DAY_MS : 0;
}

const logStream = (region: string, options: TopologyOptions): WantedStream => ({
  ...common(options.replicas ?? 1),
  name: streamNames(region).log,
  description: 'all facts that happened in this region',
  subjects: subjects.logFilter(region),
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.New,
  max_age: nanos(maxAgeMs(options)),
  max_bytes: options.logMaxBytes ?? -1,
  duplicate_window: nanos(LOG_WINDOW_MS),
});

const retryStream = (region: string, replicas: number): WantedStream => ({
  ...common(replicas),
  name: streamNames(region).retry,
  description: 'pending retries as message schedules, and those that are due',
  subjects: [subjects.retryFilter(region)],
  retention: RetentionPolicy.Workqueue,
  discard: DiscardPolicy.Old,
  allow_msg_schedules: true,
});

/**
 * A region takes in its own keys and copies of the peers'. Without peers the sources stay unmentioned, so that a region which is provisioned alone by
 * mistake keeps those it has.
 */
const registryStream = (region: string, replicas: number, peers: readonly string[]): WantedStream => ({
  ...common(replicas),
  name: REGISTRY_STREAM,
  description: 'tenants, endpoints, sources',
  subjects: [`${REGISTRY_SUBJECT_PREFIX}${region}.>`],
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.New,
  max_msgs_per_subject: 10,
  allow_rollup_hdrs: true,
  deny_delete: true,
  ...(peers.length === 0 ? {} : { sources: registrySources(region, peers) }),
});

/**
 * No window, for two regions' equal Msg-Ids are two facts; and never `discard: new`, for one refused message would block its source for good
 * (2.15.1).
 */
const peersStream = (region: string, options: TopologyOptions): WantedStream => ({
  ...common(options.replicas ?? 1),
  name: streamNames(region).peers,
  description: 'copies of the facts that happened in the other regions',
  sources: logSources(region, options.peers ?? []),
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.Old,
  max_age: nanos(maxAgeMs(options)),
  duplicate_window: 0,
});

const controlStream = (replicas: number): WantedStream => ({
  ...common(replicas),
  name: `KV_${CONTROL_BUCKET}`,
  description: 'states and leases of the regions',
  subjects: [`$KV.${CONTROL_BUCKET}.>`],
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.New,
  max_msgs_per_subject: 1,
  allow_rollup_hdrs: true,
  deny_delete: true,
});

function consumersOf(region: string): Topology['consumers'] {
  const { log, retry } = streamNames(region);
  return [
    { stream: log, config: work(CONSUMERS.planner, [subjects.factFilter(region, 'event.accepted')], 2_000) },
    { stream: log, config: work(CONSUMERS.plannerRuns, [subjects.factFilter(region, 'run.completed')], MAX_RUNS_PENDING) },
    { stream: log, config: work(CONSUMERS.dispatcherPlans, [subjects.plansFor(region, region, 'g')], MAX_PLANS_PENDING) },
    { stream: log, config: work(CONSUMERS.dispatcherLocal, [subjects.plansFor(region, region, 'l')], MAX_PLANS_PENDING) },
    { stream: retry, config: work(CONSUMERS.dispatcherDue, [subjects.retryDue(region)], 1_000) },
    { stream: log, config: PROJECTOR },
  ];
}

function peersConsumers(region: string): Topology['consumers'] {
  const { peers } = streamNames(region);
  return [
    { stream: peers, config: work(CONSUMERS.dispatcherPeers, [subjects.peerPlansFor(region)], MAX_PLANS_PENDING) },
    { stream: peers, config: PROJECTOR },
  ];
}

/** The projector reads in order and acks up to what its database holds; it resets the consumer to its checkpoint at start. */
const PROJECTOR: WantedConsumer = {
  durable_name: CONSUMERS.projector,
  ack_policy: AckPolicy.All,
  deliver_policy: DeliverPolicy.All,
  ack_wait: nanos(60_000),
  max_deliver: -1,
  max_ack_pending: 10_000,
};
