import { COUNTERS, GAUGES, HISTOGRAMS } from '@waybill/runtime';
import { recordings } from './rules.ts';

interface Shown {
  readonly help: string;
  readonly labels: readonly string[];
  readonly by: readonly string[];
}

const tableOf = (metrics: Readonly<Record<string, Shown>>): string[] => [
  '| metric | labels | told by | |',
  '| --- | --- | --- | --- |',
  ...Object.entries(metrics).map(([name, { help, labels, by }]) => `| \`${name}\` | ${labels.join(', ')} | ${by.join(', ')} | ${help} |`),
  '',
];

/** `docs/metrics.md`: every metric that the services expose and every name that the recording rules make of them. `root`: of the repository, with a slash at its end. */
export function metricsPage(root: string): string {
  return [
    '# Metrics',
    '',
    'What `/metrics` of each service shows, beside what every Node.js process tells of itself (`process_*`, `nodejs_*`). No tenant, event or source is ever a',
    'label. This page is written from `packages/runtime/src/metrics/catalogue.ts` and `infra/prometheus/recording.yml` by `npm run docs`; a test compares them.',
    'What is done with them: [observability.md](observability.md).',
    '',
    '## Counters',
    '',
    ...tableOf(COUNTERS),
    '## Durations',
    '',
    'Histograms in seconds. Their edges are those of the read models, so the dashboard and Prometheus tell the same p95.',
    '',
    ...tableOf(HISTOGRAMS),
    '## Gauges',
    '',
    ...tableOf(GAUGES),
    '## Recording rules',
    '',
    '| name | made of |',
    '| --- | --- |',
    ...recordings(root).map(({ record, expr }) => `| \`${record}\` | \`${expr.replaceAll(/\s+/g, ' ').trim().replaceAll('|', '\\|')}\` |`),
    '',
  ].join('\n');
}
