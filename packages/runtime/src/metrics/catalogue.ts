import { ACK_EDGES_MS, PROCESSING_EDGES_MS } from '@waybill/contracts';

/** One metric that services expose. Labels take values from closed lists, of regions, or of at most 20 endpoints: no tenant and no event ever becomes one. */
interface Described {
  readonly help: string;
  readonly labels: readonly string[];
  /** Who exposes it. */
  readonly by: readonly ('ingress' | 'planner' | 'dispatcher' | 'projector' | 'canary')[];
}

const EVERY = ['ingress', 'planner', 'dispatcher', 'projector'] as const;

/** What only grows. Names end in `_total`. */
export const COUNTERS = {
  waybill_webhooks_accepted_total: {
    help: 'Events that were stored, repeats not counted. door: api, webhook or github',
    labels: ['region', 'door'],
    by: ['ingress'],
  },
  waybill_webhooks_duplicate_total: { help: 'Requests that repeated an event', labels: ['region', 'door'], by: ['ingress'] },
  waybill_webhooks_refused_total: {
    help: 'Requests that brought no event, by HTTP status',
    labels: ['region', 'door', 'status'],
    by: ['ingress'],
  },
  waybill_schema_verdicts_total: {
    help: 'Events that the version gate judged. verdict: accepted, drop_incompatible, reader_too_old or poison',
    labels: ['region', 'verdict'],
    by: ['planner'],
  },
  waybill_planned_deliveries_total: {
    help: 'Deliveries that plans ask for. to: the region that delivers; because: why it is that one',
    labels: ['region', 'to', 'because'],
    by: ['planner'],
  },
  waybill_delivery_attempts_total: {
    help: 'Attempts. channel: http or github; outcome: accepted, retryable or rejected; reason: of a failure, else none',
    labels: ['region', 'channel', 'outcome', 'reason'],
    by: ['dispatcher'],
  },
  waybill_delivery_ends_total: {
    help: 'Deliveries that ended. end: delivered, dead_lettered or denied',
    labels: ['region', 'channel', 'end'],
    by: ['dispatcher'],
  },
  waybill_dlq_messages_total: {
    help: 'New dead letters: deliveries that were given up, and events that were set aside',
    labels: ['region', 'reason'],
    by: ['planner', 'dispatcher'],
  },
  waybill_region_failover_events_total: {
    help: 'Takeovers: the region "to" began to stand in for the region "from"',
    labels: ['from', 'to'],
    by: ['dispatcher'],
  },
  waybill_lease_renew_failures_total: { help: "Renewals of the region's lease that failed", labels: ['region'], by: ['dispatcher'] },
  waybill_bus_publish_failures_total: {
    help: 'Publishes that the stream did not acknowledge. code: the error',
    labels: ['region', 'service', 'code'],
    by: ['ingress', 'planner', 'dispatcher'],
  },
  waybill_canary_events_total: {
    help: "Events sent through a region's public door to see whether it works. result: delivered, accepted (nobody waits for the delivery), refused or lost",
    labels: ['region', 'result'],
    by: ['canary'],
  },
} as const satisfies Record<string, Described>;

/** Durations in seconds. The edges are those of the read models, so that both tell the same p95. */
export const HISTOGRAMS = {
  waybill_webhook_ack_duration_seconds: {
    help: 'From the first byte of a request to the end of the answer to an event that was stored',
    labels: ['region'],
    by: ['ingress'],
    edgesMs: ACK_EDGES_MS,
  },
  waybill_plan_delay_seconds: {
    help: 'From the acceptance of an event to the end of its planning',
    labels: ['region'],
    by: ['planner'],
    edgesMs: PROCESSING_EDGES_MS,
  },
  waybill_worker_processing_duration_seconds: {
    help: 'From the acceptance of an event to the end of its first attempt',
    labels: ['region'],
    by: ['dispatcher'],
    edgesMs: PROCESSING_EDGES_MS,
  },
  waybill_attempt_duration_seconds: {
    help: 'One attempt, connection and answer',
    labels: ['region', 'channel'],
    by: ['dispatcher'],
    edgesMs: PROCESSING_EDGES_MS,
  },
  waybill_canary_ack_seconds: {
    help: "From sending a canary event to the region's answer",
    labels: ['region'],
    by: ['canary'],
    edgesMs: ACK_EDGES_MS,
  },
  waybill_canary_delivery_seconds: {
    help: 'From sending a canary event to its arrival at the canary',
    labels: ['region'],
    by: ['canary'],
    edgesMs: PROCESSING_EDGES_MS,
  },
} as const satisfies Record<string, Described & { edgesMs: readonly number[] }>;

/** What is looked up when somebody asks. */
export const GAUGES = {
  waybill_region_expected: { help: '1 for every region that is configured, told by every region', labels: ['region'], by: ['ingress'] },
  waybill_bus_connected: { help: "1 while the connection to the region's NATS stands", labels: ['region', 'service'], by: EVERY },
  waybill_consumer_pending: {
    help: 'Messages of a durable consumer that wait to be handled, those in hand included',
    labels: ['region', 'consumer'],
    by: ['planner', 'dispatcher'],
  },
  waybill_deliveries_in_flight: { help: 'Attempts under way', labels: ['region'], by: ['dispatcher'] },
  waybill_endpoint_waiting: {
    help: 'Attempts that wait for a place at an endpoint: the 20 with most, and "other" for the rest together',
    labels: ['region', 'endpoint'],
    by: ['dispatcher'],
  },
  waybill_endpoint_circuits_open: { help: 'Endpoints whose circuit is open', labels: ['region'], by: ['dispatcher'] },
  waybill_writes_waiting: {
    help: 'Facts and schedules that are being written again because NATS did not take them',
    labels: ['region'],
    by: ['dispatcher'],
  },
  waybill_region_state: {
    help: '1 for the state that the region is in, as each dispatcher knows it: for the own regions and all others',
    labels: ['region', 'state'],
    by: ['dispatcher'],
  },
  waybill_lease_age_seconds: { help: "Since the region's lease was renewed last", labels: ['region'], by: ['dispatcher'] },
  waybill_lease_ttl_seconds: { help: "How long the region's lease is valid after a renewal", labels: ['region'], by: ['dispatcher'] },
  waybill_replication_lag_seconds: {
    help: 'Age of the newest sign of life of another region in the copies of its log: written and looked for every 2 s, so up to 5 s is usual. Grows while nothing arrives',
    labels: ['region', 'origin'],
    by: ['dispatcher'],
  },
  waybill_projection_lag_messages: {
    help: 'Messages of a stream that the read models do not hold yet. stream: log or peers; absent while that cannot be known',
    labels: ['region', 'stream'],
    by: ['projector'],
  },
  waybill_dlq_depth: { help: 'Dead letters that nobody has dealt with', labels: ['region'], by: ['projector'] },
  waybill_pending_deliveries: { help: 'Deliveries without an end', labels: ['region'], by: ['projector'] },
  waybill_oldest_pending_age_seconds: {
    help: 'Age of the oldest delivery without an end; 0 when there is none',
    labels: ['region'],
    by: ['projector'],
  },
  waybill_stream_bytes: { help: 'Size of a stream. stream: log, peers, retry or bodies', labels: ['region', 'stream'], by: ['projector'] },
  waybill_stream_limit_bytes: {
    help: 'Size at which a stream takes no more; absent when that is what the server allows',
    labels: ['region', 'stream'],
    by: ['projector'],
  },
  waybill_disk_free_ratio: {
    help: "Free part of the disk that a service keeps its data on, from 0 to 1; on one machine that is NATS' disk too",
    labels: ['region', 'service'],
    by: ['ingress', 'projector'],
  },
  waybill_canary_last_success_timestamp_seconds: {
    help: 'When a canary event got through last, as seconds since 1970',
    labels: ['region'],
    by: ['canary'],
  },
} as const satisfies Record<string, Described>;

export type CounterName = keyof typeof COUNTERS;
export type HistogramName = keyof typeof HISTOGRAMS;
export type GaugeName = keyof typeof GAUGES;
