import type { DashboardPlan } from './build.ts';

/** What the canary sees, and who may work for which region. */
export const CANARY_DASHBOARD: DashboardPlan = {
  uid: 'waybill-canary',
  title: 'Waybill: canary and leases',
  about: 'What senders would see at every public door, and whether the regions keep their leases.',
  rows: [
    {
      title: 'Canary',
      panels: [
        {
          title: 'Since the last event that got through',
          about: 'The alert is at 2 minutes.',
          unit: 's',
          lines: [{ expr: 'time() - max by (region) (waybill_canary_last_success_timestamp_seconds)', legend: '{{region}}' }],
        },
        {
          title: 'Events of the canary',
          about: 'By what became of them, in 5 minutes.',
          unit: 'short',
          lines: [{ expr: 'sum by (region, result) (increase(waybill_canary_events_total[5m]))', legend: '{{region}} {{result}}' }],
        },
        {
          title: 'Answer, p95',
          about: 'As the canary sees it, network included.',
          unit: 's',
          lines: [{ expr: 'waybill:canary_ack_p95', legend: '{{region}}' }],
        },
        {
          title: 'Arrival, p95',
          about: 'From sending to the arrival at the canary.',
          unit: 's',
          lines: [{ expr: 'waybill:canary_delivery_p95', legend: '{{region}}' }],
        },
      ],
    },
    {
      title: 'Leases',
      panels: [
        {
          title: 'Age of the leases',
          about: 'The alert is at half of their validity.',
          unit: 's',
          lines: [
            { expr: 'max by (region) (waybill_lease_age_seconds)', legend: '{{region}}' },
            { expr: 'min(waybill_lease_ttl_seconds)', legend: 'validity' },
          ],
        },
        {
          title: 'Renewals that failed, in 5 minutes',
          about: 'When the lease has run out another region takes over.',
          unit: 'short',
          lines: [{ expr: 'sum by (region) (increase(waybill_lease_renew_failures_total[5m]))', legend: '{{region}}' }],
        },
        {
          title: 'Connections to NATS',
          about: '1 while the connection stands.',
          unit: 'short',
          lines: [{ expr: 'min by (region, service) (waybill_bus_connected)', legend: '{{region}} {{service}}' }],
        },
        {
          title: 'Alerts',
          about: 'Those that fire.',
          unit: 'short',
          lines: [
            {
              expr: 'count by (alertname, region) (ALERTS{alertname=~"Waybill.*", alertstate="firing"})',
              legend: '{{alertname}} {{region}}',
            },
          ],
        },
      ],
    },
  ],
};
