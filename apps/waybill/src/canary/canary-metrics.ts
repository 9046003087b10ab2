import type { Metrics } from '@waybill/runtime';
import { type Outcome, RESULTS } from './watch.ts';

/** Counts what becomes of canary events. */
export interface CanaryMetrics {
  /** A region is watched from now on. */
  readonly watched: (region: string) => void;
  readonly ended: (outcome: Outcome) => void;
}

/**
 * Registers the canary's metrics. A region that was never got through to counts as one that was when the canary began to watch it, so that the alert, which asks
 * how long ago the last success is, sees it too. `nowMs` is wall-clock time.
 */
export function canaryMetrics(metrics: Metrics, nowMs: () => number): CanaryMetrics {
  const events = metrics.counter('waybill_canary_events_total');
  const ack = metrics.histogram('waybill_canary_ack_seconds');
  const delivery = metrics.histogram('waybill_canary_delivery_seconds');
  const lastSuccessMs = new Map<string, number>();
  metrics.gauge('waybill_canary_last_success_timestamp_seconds', () =>
    [...lastSuccessMs].map(([region, ms]) => ({ labels: { region }, value: ms / 1_000 })),
  );
  return {
    watched: (region) => {
      if (lastSuccessMs.has(region)) return;
      lastSuccessMs.set(region, nowMs());
      for (const result of RESULTS) events({ region, result }, 0);
    },
    ended: ({ region, result, ackMs, deliveryMs }) => {
      events({ region, result });
      if (result !== 'refused') ack({ region }, ackMs);
      if (deliveryMs !== undefined) delivery({ region }, deliveryMs);
      if (result === 'delivered' || result === 'accepted') lastSuccessMs.set(region, nowMs());
    },
  };
}
