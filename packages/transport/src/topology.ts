import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { CONSUMERS, REGISTRY_BUCKET, streamNames, subjects } from '@waybill/contracts';

const nanos = (ms: number): number => ms * 1_000_000;
const DAY_MS = 86_400_000;

/** What an operator may choose about a region's streams. */
export interface TopologyOptions {
  /** Copies of each stream: 1 in development, 3 in production. */
  readonly replicas?: number;
  /** Days that facts are kept; 0 keeps them for ever. Must outlast the retry schedule, for retries read their payload here. */
  readonly logMaxAgeDays?: number;
  /** Bytes the LOG may hold; -1: as much as the server allows. When it is full, accepting stops with 503. */
  readonly logMaxBytes?: number;
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

const work = (durable: string, filters: string[], maxAckPending: number): WantedConsumer => ({
  durable_name: durable,
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  ack_wait: nanos(ACK_WAIT_MS),
  max_deliver: -1,
  max_ack_pending: maxAckPending,
  filter_subjects: filters,
});

/** What a single region needs. Other regions' facts (PEERS) join with their own streams. */
export function regionTopology(region: string, options: TopologyOptions = {}): Topology {
  const replicas = options.replicas ?? 1;
  return { streams: [logStream(region, options), retryStream(region, replicas), registryStream(replicas)], consumers: consumersOf(region) };
}

const common = (replicas: number): Partial<StreamConfig> => ({
  storage: StorageType.File,
  num_replicas: replicas,
  max_consumers: 5_000,
  duplicate_window: nanos(120_000),
  allow_direct: true,
});

const logStream = (region: string, options: TopologyOptions): WantedStream => ({
  ...common(options.replicas ?? 1),
  name: streamNames(region).log,
  description: 'all facts that happened in this region',
  subjects: subjects.logFilter(region),
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.New,
  max_age: nanos((options.logMaxAgeDays ?? 14) * DAY_MS),
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

const registryStream = (replicas: number): WantedStream => ({
  ...common(replicas),
  name: `KV_${REGISTRY_BUCKET}`,
  description: 'tenants, endpoints, sources',
  subjects: [`$KV.${REGISTRY_BUCKET}.>`],
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.New,
  max_msgs_per_subject: 10,
  allow_rollup_hdrs: true,
  deny_delete: true,
});

function consumersOf(region: string): Topology['consumers'] {
  const { log, retry } = streamNames(region);
  return [
    { stream: log, config: work(CONSUMERS.planner, [subjects.factFilter(region, 'event.accepted')], 2_000) },
    { stream: log, config: work(CONSUMERS.dispatcherPlans, [subjects.plansFor(region, region)], 4_000) },
    { stream: retry, config: work(CONSUMERS.dispatcherDue, [subjects.retryDue(region)], 1_000) },
    { stream: log, config: PROJECTOR },
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
