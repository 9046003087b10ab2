import type { DashboardPlan } from './build.ts';

/** Where events wait, and what fails. */
export const PIPELINE_DASHBOARD: DashboardPlan = {
  uid: 'waybill-pipeline',
  title: 'Waybill: pipeline',
  about: 'Where events wait on their way, and what fails.',
  rows: [
    {
      title: 'Waiting',
      panels: [
        {
          title: 'Oldest delivery without an end',
          about: 'Grows while its receiver fails, or nothing works on it.',
          unit: 's',
          lines: [{ expr: 'waybill:oldest_pending_age_seconds', legend: '{{region}}' }],
        },
        {
          title: 'Deliveries without an end',
          about: 'By region.',
          unit: 'short',
          lines: [{ expr: 'max by (region) (waybill_pending_deliveries)', legend: '{{region}}' }],
        },
        {
          title: 'Messages that consumers have not handled',
          about: 'Those in hand included.',
          unit: 'short',
          lines: [{ expr: 'max by (region, consumer) (waybill_consumer_pending)', legend: '{{region}} {{consumer}}' }],
        },
        {
          title: 'Attempts that wait for a place at an endpoint',
          about: 'The 20 endpoints with most, and the others together.',
          unit: 'short',
          lines: [{ expr: 'sum by (region, endpoint) (waybill_endpoint_waiting)', legend: '{{region}} {{endpoint}}' }],
        },
      ],
    },
    {
      title: 'Lags',
      panels: [
        {
          title: 'Planning after acceptance, p95',
          about: 'From the acceptance of an event to the end of its planning.',
          unit: 's',
          lines: [
            { expr: 'histogram_quantile(0.95, sum by (le, region) (rate(waybill_plan_delay_seconds_bucket[5m])))', legend: '{{region}}' },
          ],
        },
        {
          title: 'Replication',
          about: 'Age of the newest sign of life of the one region in the other.',
          unit: 's',
          lines: [{ expr: 'waybill:replication_lag_seconds', legend: '{{origin}} in {{region}}' }],
        },
        {
          title: 'Read models',
          about: 'Messages that they do not hold yet.',
          unit: 'short',
          lines: [{ expr: 'waybill:projection_lag_messages', legend: '{{region}} {{stream}}' }],
        },
        {
          title: 'Streams',
          about: 'How much of what they may hold they hold.',
          unit: 'percentunit',
          lines: [{ expr: 'waybill:stream_fill:ratio', legend: '{{region}} {{stream}}' }],
        },
      ],
    },
    {
      title: 'Attempts',
      panels: [
        {
          title: 'Attempts',
          about: 'By how they ended.',
          unit: 'reqps',
          lines: [{ expr: 'waybill:attempts:rate5m', legend: '{{region}} {{channel}} {{outcome}}' }],
        },
        {
          title: 'Failed attempts',
          about: 'By reason.',
          unit: 'reqps',
          lines: [
            {
              expr: 'sum by (region, reason) (rate(waybill_delivery_attempts_total{outcome!="accepted"}[5m])) > 0',
              legend: '{{region}} {{reason}}',
            },
          ],
        },
        {
          title: 'Attempts under way',
          about: 'And endpoints whose circuit is open.',
          unit: 'short',
          lines: [
            { expr: 'sum by (region) (waybill_deliveries_in_flight)', legend: '{{region}}' },
            { expr: 'sum by (region) (waybill_endpoint_circuits_open)', legend: '{{region}} circuits open' },
          ],
        },
        {
          title: 'One attempt, p95',
          about: 'Connection and answer.',
          unit: 's',
          lines: [
            {
              expr: 'histogram_quantile(0.95, sum by (le, region, channel) (rate(waybill_attempt_duration_seconds_bucket[5m])))',
              legend: '{{region}} {{channel}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Failures',
      panels: [
        {
          title: 'Publishes that were not acknowledged, in 2 minutes',
          about: 'By the service that published.',
          unit: 'short',
          lines: [{ expr: 'waybill:publish_failures:increase2m', legend: '{{region}} {{service}}' }],
        },
        {
          title: 'New dead letters, in 5 minutes',
          about: 'By reason.',
          unit: 'short',
          lines: [{ expr: 'sum by (region, reason) (increase(waybill_dlq_messages_total[5m])) > 0', legend: '{{region}} {{reason}}' }],
        },
        {
          title: 'Facts and schedules that are being written again',
          about: 'Because NATS did not take them.',
          unit: 'short',
          lines: [{ expr: 'sum by (region) (waybill_writes_waiting)', legend: '{{region}}' }],
        },
        {
          title: 'Deliveries that ended',
          about: 'By how.',
          unit: 'reqps',
          lines: [{ expr: 'sum by (region, end) (rate(waybill_delivery_ends_total[5m]))', legend: '{{region}} {{end}}' }],
        },
      ],
    },
  ],
};
