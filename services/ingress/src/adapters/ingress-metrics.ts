import { ERRORS } from '@waybill/contracts';
import type { Metrics } from '@waybill/runtime';
import { DOORS, type Door, type IntakeAnswer, isAccepted } from './http/measure-intake.ts';

export interface MeasuredIngress {
  readonly region: string;
  /** All regions that are declared. */
  readonly regions: readonly string[];
  readonly isBusUp: () => boolean;
}

/** What is counted where it happens. */
export interface IngressMetrics {
  readonly answered: (answer: IntakeAnswer) => void;
  /** A publish that was not acknowledged, by the code of its error. */
  readonly publishFailed: (code: string) => void;
}

const SERVICE = 'ingress';
const ALL_DOORS: readonly Door[] = Object.values(DOORS);
/** All that this service answers with when it refuses. */
const STATUSES = new Set(Object.values(ERRORS).map(({ status }) => status));
const OTHER = 'other';
const PUBLISH_ERRORS = ['WB_NATS_AWAY', 'WB_LOG_FULL', 'WB_INTERNAL'];

/** The metrics of an ingress. */
export function ingressMetrics(metrics: Metrics, { region, regions, isBusUp }: MeasuredIngress): IngressMetrics {
  const doors = ALL_DOORS.map((door) => ({ region, door }));
  const refusals = doors.flatMap((door) => [...STATUSES].map((status) => ({ ...door, status: String(status) })));
  const accepted = metrics.counter('waybill_webhooks_accepted_total', doors);
  const duplicate = metrics.counter('waybill_webhooks_duplicate_total', doors);
  const refused = metrics.counter('waybill_webhooks_refused_total', refusals);
  const ack = metrics.histogram('waybill_webhook_ack_duration_seconds', [{ region }]);
  const failures = PUBLISH_ERRORS.map((code) => ({ region, service: SERVICE, code }));
  const publishFailures = metrics.counter('waybill_bus_publish_failures_total', failures);
  metrics.gauge('waybill_region_expected', () => regions.map((one) => ({ labels: { region: one }, value: 1 })));
  metrics.gauge('waybill_bus_connected', () => [{ labels: { region, service: SERVICE }, value: isBusUp() ? 1 : 0 }]);
  return {
    answered: (answer) => {
      const { door, status, ms, brought } = answer;
      if (!isAccepted(answer)) return refused({ region, door, status: STATUSES.has(status) ? String(status) : OTHER });
      ack({ region }, ms);
      if (brought?.duplicate === true) duplicate({ region, door });
      else accepted({ region, door });
    },
    publishFailed: (code) => publishFailures({ region, service: SERVICE, code }),
  };
}
