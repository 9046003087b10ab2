import { CONSUMERS, REFUSAL_REASONS, type RefusalReason } from '@waybill/contracts';
import type { Metrics } from '@waybill/runtime';
import { BECAUSE, type Because } from '../domain/owed.ts';

export interface MeasuredPlanner {
  readonly region: string;
  /** All regions that are declared. */
  readonly regions: readonly string[];
  readonly isBusUp: () => boolean;
  /** Messages of a durable consumer that wait to be handled or are in hand. */
  readonly pending: (consumer: string) => Promise<number>;
}

/** What is counted where it happens. */
export interface PlannerMetrics {
  readonly judged: (verdict: 'accepted' | RefusalReason) => void;
  readonly planned: (to: string, because: readonly Because[]) => void;
  /** From the acceptance of an event to the end of its planning. */
  readonly delayed: (ms: number) => void;
  /** A publish that was not acknowledged, by the code of its error. */
  readonly publishFailed: (code: string) => void;
}

const SERVICE = 'planner';
const PUBLISH_ERRORS = ['WB_NATS_AWAY', 'WB_LOG_FULL', 'WB_INTERNAL'];

/** The metrics of a planner. */
export function plannerMetrics(metrics: Metrics, { region, regions, isBusUp, pending }: MeasuredPlanner): PlannerMetrics {
  const verdicts = ['accepted', ...REFUSAL_REASONS].map((verdict) => ({ region, verdict }));
  const judged = metrics.counter('waybill_schema_verdicts_total', verdicts);
  const deadLetters = metrics.counter(
    'waybill_dlq_messages_total',
    REFUSAL_REASONS.map((reason) => ({ region, reason })),
  );
  const planned = metrics.counter(
    'waybill_planned_deliveries_total',
    regions.flatMap((to) => BECAUSE.map((because) => ({ region, to, because }))),
  );
  const delay = metrics.histogram('waybill_plan_delay_seconds', [{ region }]);
  const failures = PUBLISH_ERRORS.map((code) => ({ region, service: SERVICE, code }));
  const publishFailures = metrics.counter('waybill_bus_publish_failures_total', failures);
  metrics.gauge('waybill_bus_connected', () => [{ labels: { region, service: SERVICE }, value: isBusUp() ? 1 : 0 }]);
  const sampleOf = async (consumer: string) => ({ labels: { region, consumer }, value: await pending(consumer) });
  metrics.gauge('waybill_consumer_pending', () => Promise.all([CONSUMERS.planner, CONSUMERS.plannerRuns].map(sampleOf)));
  return {
    judged: (verdict) => {
      judged({ region, verdict });
      if (verdict !== 'accepted') deadLetters({ region, reason: verdict });
    },
    planned: (to, because) => {
      for (const one of because) planned({ region, to, because: one });
    },
    delayed: (ms) => delay({ region }, ms),
    publishFailed: (code) => publishFailures({ region, service: SERVICE, code }),
  };
}
