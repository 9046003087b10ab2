import type { DashboardPlan } from './build.ts';

/** How the regions do, side by side. */
export const REGIONS_DASHBOARD: DashboardPlan = {
  uid: 'waybill-regions',
  title: 'Waybill: regions',
  about: 'How the regions do, side by side: how fast they answer and deliver, who takes how much, and who stands in for whom.',
  rows: [
    {
      title: 'Speed',
      panels: [
        {
          title: 'Answer to a webhook, p95',
          about: 'From the first byte of a request to the end of the answer. Promised: 50 ms.',
          unit: 's',
          lines: [{ expr: 'webhook_ack_p95_by_region', legend: '{{region}}' }],
        },
        {
          title: 'First attempt after acceptance, p95',
          about: 'From the acceptance of an event to the end of its first attempt. Promised: 250 ms.',
          unit: 's',
          lines: [{ expr: 'worker_processing_p95_by_region', legend: '{{region}}' }],
        },
      ],
    },
    {
      title: 'Dead letters and attempts',
      panels: [
        {
          title: 'Dead letters',
          about: 'Dead letters that nobody has dealt with.',
          unit: 'short',
          lines: [{ expr: 'dlq_depth_by_region', legend: '{{region}}' }],
        },
        {
          title: 'Attempts',
          about: 'Attempts by how they ended.',
          unit: 'reqps',
          lines: [{ expr: 'sum by (region, outcome) (waybill:attempts:rate5m)', legend: '{{region}} {{outcome}}' }],
        },
      ],
    },
    {
      title: 'Traffic',
      panels: [
        {
          title: 'Events accepted',
          about: 'Events that were stored, the canary’s included.',
          unit: 'reqps',
          lines: [{ expr: 'waybill:events_accepted:rate5m', legend: '{{region}}' }],
        },
        {
          title: 'Share of the traffic',
          about: 'How the balancer distributes events among the regions.',
          unit: 'percentunit',
          lines: [
            {
              expr: 'waybill:events_accepted:rate5m / on () group_left () (sum(waybill:events_accepted:rate5m) > 0)',
              legend: '{{region}}',
            },
          ],
        },
        {
          title: 'Requests refused',
          about: 'Requests that brought no event, by HTTP status.',
          unit: 'reqps',
          lines: [{ expr: 'sum by (region, status) (rate(waybill_webhooks_refused_total[5m])) > 0', legend: '{{region}} {{status}}' }],
        },
        {
          title: 'Deliveries that go elsewhere because a region is too busy',
          about: 'The share of a region’s deliveries that another one takes.',
          unit: 'percentunit',
          lines: [{ expr: 'waybill:spillover:ratio_rate5m', legend: '{{region}}' }],
        },
      ],
    },
    {
      title: 'Health',
      panels: [
        {
          title: 'Services that answer',
          about: 'How many processes of a region Prometheus can read.',
          unit: 'short',
          lines: [{ expr: 'sum by (region, service) (up{job="waybill"})', legend: '{{region}} {{service}}' }],
        },
        {
          title: 'State of the regions',
          about: '1 for the state that a region is in.',
          unit: 'short',
          lines: [{ expr: 'max by (region, state) (waybill_region_state) == 1', legend: '{{region}} {{state}}' }],
        },
        {
          title: 'Takeovers',
          about: 'Takeovers that began in the last 5 minutes.',
          unit: 'short',
          lines: [{ expr: 'region_failover_events', legend: '{{to}} for {{from}}' }],
        },
        {
          title: 'Version gate',
          about: 'The share of the events that it lets through.',
          unit: 'percentunit',
          lines: [{ expr: 'schema_compatibility_rate', legend: 'accepted' }],
        },
      ],
    },
  ],
};
