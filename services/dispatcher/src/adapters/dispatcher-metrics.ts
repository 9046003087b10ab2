import {
  ATTEMPT_FAILURES,
  type Consequence,
  DEAD_LETTER_REASONS,
  type DeliveryAttempted,
  type DeliveryRefused,
  DISPATCH_FAILURES,
  REFUSAL_REASONS,
  TARGET_DENIALS,
  timeOfId,
} from '@waybill/contracts';
import type { Metrics } from '@waybill/runtime';
import { isDispatch } from '../domain/dispatch/dispatch-endpoint.ts';
import { gaugeRegions, type ReadRegion, SERVICE } from './region-gauges.ts';

export interface MeasuredDispatcher {
  /** Those that this process works for, and all that are declared. */
  readonly regions: readonly string[];
  readonly order: readonly string[];
  /** Undefined while the region's worker is being started. */
  readonly read: (region: string) => ReadRegion | undefined;
}

/** Counts what becomes of deliveries. */
export interface CountAttempts {
  attempted(fact: DeliveryAttempted, isReplay: boolean): void;
  refused(fact: DeliveryRefused): void;
}

/** What is counted where it happens, in one region. */
export interface RegionCounts extends CountAttempts {
  /** An event was set aside. */
  eventRefused(reason: string): void;
  /** A publish that was not acknowledged, by the code of its error. */
  publishFailed(code: string): void;
  renewFailed(): void;
  /** This region began to stand in for another one. */
  tookOver(from: string): void;
}

const CHANNELS = ['http', 'github'] as const;
type Channel = (typeof CHANNELS)[number];
const ENDS = ['delivered', 'dead_lettered', 'denied'] as const;
const PUBLISH_ERRORS = ['WB_NATS_AWAY', 'WB_LOG_FULL', 'WB_INTERNAL'] as const;
const NO_REASON = 'none';
const ONLY_GITHUB: ReadonlySet<string> = new Set<string>([
  'rate_limited',
  'outcome_unknown',
  'waiting_for_other',
  ...DISPATCH_FAILURES,
  ...TARGET_DENIALS,
]);

const channelOf = (endpointId: string): Channel => (isDispatch(endpointId) ? 'github' : 'http');

/** The metrics of a dispatcher: registered once in a process; what comes out counts for one of its regions, whichever worker of it runs. */
export function dispatcherMetrics(metrics: Metrics, measured: MeasuredDispatcher): (region: string) => RegionCounts {
  const { regions, order } = measured;
  const channels = regions.flatMap((region) => CHANNELS.map((channel) => ({ region, channel })));
  const attempts = metrics.counter('waybill_delivery_attempts_total', channels.flatMap(attemptZeros));
  const ends = metrics.counter(
    'waybill_delivery_ends_total',
    channels.flatMap((one) => ENDS.map((end) => ({ ...one, end }))),
  );
  const deadReasons = [...DEAD_LETTER_REASONS, ...REFUSAL_REASONS];
  const dead = metrics.counter(
    'waybill_dlq_messages_total',
    regions.flatMap((region) => deadReasons.map((reason) => ({ region, reason }))),
  );
  const durations = metrics.histogram('waybill_attempt_duration_seconds', channels);
  const processing = metrics.histogram(
    'waybill_worker_processing_duration_seconds',
    regions.map((region) => ({ region })),
  );
  const failures = regions.flatMap((region) => PUBLISH_ERRORS.map((code) => ({ region, service: SERVICE, code })));
  const publishFailures = metrics.counter('waybill_bus_publish_failures_total', failures);
  const between = betweenRegions(metrics, measured);
  gaugeRegions(metrics, { ...measured, hasPeers: order.length > 1 });
  return (region) => {
    const ended = (channel: Channel, next: Exclude<Consequence, { kind: 'retry' }>): void => {
      ends({ region, channel, end: next.kind });
      if (next.kind === 'dead_lettered') dead({ region, reason: next.reason });
    };
    return {
      attempted: (fact, isReplay) => {
        const { outcome, next, endpointId, durationMs } = fact;
        const channel = channelOf(endpointId);
        attempts({ region, channel, outcome: outcome.kind, reason: outcome.kind === 'accepted' ? NO_REASON : outcome.reason });
        durations({ region, channel }, durationMs);
        if (fact.attempt === 1 && !isReplay) processing({ region }, sinceAccepted(fact));
        if (next.kind !== 'retry') ended(channel, next);
      },
      refused: ({ endpointId, next }) => ended(channelOf(endpointId), next),
      eventRefused: (reason) => dead({ region, reason }),
      publishFailed: (code) => publishFailures({ region, service: SERVICE, code }),
      renewFailed: () => between?.renewFailed(region),
      tookOver: (from) => between?.tookOver(from, region),
    };
  };
}

function attemptZeros<At extends { readonly channel: Channel }>(at: At): (At & { outcome: string; reason: string })[] {
  const reasons = ATTEMPT_FAILURES.filter((reason) => at.channel === 'github' || !ONLY_GITHUB.has(reason));
  const failures = reasons.flatMap((reason) => ['retryable', 'rejected'].map((outcome) => ({ ...at, outcome, reason })));
  return [{ ...at, outcome: 'accepted', reason: NO_REASON }, ...failures];
}

/** From the acceptance of the event to the end of the attempt, in ms. The clocks of two regions differ: never negative. */
function sinceAccepted({ at, durationMs, eventId }: DeliveryAttempted): number {
  const endedMs = Date.parse(at) + durationMs;
  return Math.max(0, endedMs - (timeOfId(eventId) ?? endedMs));
}

/** A region alone has none of these. */
function betweenRegions(metrics: Metrics, { regions, order }: MeasuredDispatcher) {
  if (order.length < 2) return undefined;
  const renewals = metrics.counter(
    'waybill_lease_renew_failures_total',
    regions.map((region) => ({ region })),
  );
  const pairs = regions.flatMap((to) => order.filter((from) => from !== to).map((from) => ({ from, to })));
  const failovers = metrics.counter('waybill_region_failover_events_total', pairs);
  return { renewFailed: (region: string) => renewals({ region }), tookOver: (from: string, to: string) => failovers({ from, to }) };
}
