import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DATA_SOURCE } from './dashboards/build.ts';
import { dashboardFiles, DASHBOARDS } from './dashboards/files.ts';
import { problemsIn } from './expressions.ts';
import { metricsPage } from './metrics-page.ts';
import { alerts, knownSeries, recordings } from './rules.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');
const known = knownSeries(root);
/** What Grafana tells panels and queries apart by; a row has neither targets nor options. */
const panelSchema = z.object({
  id: z.int(),
  targets: z.array(z.object({ refId: z.string() })).optional(),
  options: z.object({ legend: z.object({ showLegend: z.boolean() }) }).optional(),
});
const panels = DASHBOARDS.flatMap(({ rows }) => rows.flatMap((row) => row.panels));

describe('an expression', () => {
  it.each([
    ['sum by (region) (rate(waybill_webhooks_accepted_total{door="api"}[5m])', [expect.stringMatching(/^no PromQL/)]],
    ['waybill_webhooks_lost_total', ['nobody exposes waybill_webhooks_lost_total']],
    ['waybill_webhooks_accepted_total{status="503"}', ['waybill_webhooks_accepted_total has no status']],
    ['sum by (endpoint) (waybill_dlq_depth)', ['nothing here has endpoint']],
    ['label_replace(waybill:region_gone, "origin", "$1", "region", "(.+)") and on (origin) waybill_replication_lag_seconds', []],
  ])('%s', (text, problems) => {
    expect(problemsIn(text, known)).toEqual(problems);
  });
});

describe('rules', () => {
  it('have the names that operators were promised', () => {
    expect(recordings(root).map(({ record }) => record)).toEqual(
      expect.arrayContaining([
        'webhook_ack_p95_by_region',
        'worker_processing_p95_by_region',
        'dlq_depth_by_region',
        'schema_compatibility_rate',
        'region_failover_events',
      ]),
    );
  });

  it.each([...recordings(root).map(({ record, expr }) => [record, expr]), ...alerts(root).map(({ alert, expr }) => [alert, expr])])(
    '%s reads what there is',
    (_name, expr) => {
      expect(problemsIn(expr ?? '', known)).toEqual([]);
    },
  );
});

describe('runbooks', () => {
  const runbookOf = (path: string): string => (existsSync(`${root}${path}`) ? read(path) : '');

  it.each(alerts(root).map(({ alert, annotations }) => [alert, annotations.runbook]))('%s has one, which names it', (alert, path) => {
    const text = runbookOf(path ?? '');
    expect(text).toMatch(/^# \S/);
    expect(text).toContain('**What you see.**');
    expect(text).toContain('**Over when**');
    expect(text).toContain(`\`${alert}\``);
  });

  it('are all in the list', () => {
    const list = read('docs/runbooks/README.md');
    const pages = globSync('*.md', { cwd: `${root}docs/runbooks` }).filter((page) => page !== 'README.md');
    expect(pages.filter((page) => !list.includes(`](${page})`))).toEqual([]);
  });

  it('are named for each alert in docs/observability.md', () => {
    const page = read('docs/observability.md');
    for (const { alert, annotations, labels } of alerts(root)) {
      const runbook = annotations.runbook.replace('docs/', '');
      expect(page).toContain(`| [\`${alert}\`](${runbook}) | ${labels.severity} |`);
    }
  });
});

describe('dashboards', () => {
  it.each(panels.flatMap(({ title, lines }) => lines.map(({ expr }) => [title, expr])))('%s reads what there is', (_title, expr) => {
    expect(problemsIn(expr ?? '', known)).toEqual([]);
  });

  it.each(dashboardFiles())('$path is what "npm run docs" writes', ({ path, text }) => {
    expect(JSON.parse(read(path))).toEqual(JSON.parse(text));
  });

  it.each(dashboardFiles())('$path names each panel and each query, and shows which line is whose', ({ text }) => {
    const built = z.object({ panels: z.array(panelSchema) }).parse(JSON.parse(text)).panels;
    expect(built.map(({ id }) => id)).toEqual(built.map((_, at) => at + 1));
    for (const { targets, options } of built) {
      expect(targets?.map(({ refId }) => refId)).toEqual(targets?.map((_, at) => 'ABCDEF'[at]));
      expect(options?.legend.showLegend).not.toBe(false);
    }
  });

  it('lie in infra/grafana, and nothing else does', () => {
    const there = globSync('*', { cwd: `${root}infra/grafana/dashboards` }).map((name) => `infra/grafana/dashboards/${name}`);
    expect(there.toSorted()).toEqual(
      dashboardFiles()
        .map(({ path }) => path)
        .toSorted(),
    );
  });
});

describe('docker-compose.yml', () => {
  const compose = read('docker-compose.yml');

  it('has a service for each target of Prometheus, and a target for each service', () => {
    const targets = [...read('infra/prometheus/prometheus.yml').matchAll(/'([\w-]+):\d+'/g)].map(([, host]) => host);
    const services = [...compose.matchAll(/^ {2}((?:ingress|planner|dispatcher|projector)-[\w-]+|canary):\n {4}</gm)].map(
      ([, name]) => name,
    );
    expect(new Set(targets)).toEqual(new Set(services));
  });

  it('gives Grafana the source and the folder that its files name', () => {
    expect(read('infra/grafana/provisioning/datasources/waybill.yml')).toContain(`uid: ${DATA_SOURCE.uid}\n`);
    const [, folder = 'no folder'] = /path: (\S+)/.exec(read('infra/grafana/provisioning/dashboards/waybill.yml')) ?? [];
    expect(compose).toContain(`./infra/grafana/dashboards:${folder}:ro`);
  });
});

describe('docs/metrics.md', () => {
  it('lists exactly the metrics that there are', () => {
    expect(read('docs/metrics.md')).toBe(metricsPage(root));
  });
});
