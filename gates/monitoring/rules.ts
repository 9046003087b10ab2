import { readFileSync } from 'node:fs';
import { COUNTERS, GAUGES, HISTOGRAMS } from '@waybill/runtime';
import { parse } from 'yaml';
import { z } from 'zod';
import type { KnownSeries } from './expressions.ts';

const ruleFile = <Rule extends z.ZodType>(rule: Rule) =>
  z.strictObject({ groups: z.array(z.strictObject({ name: z.string(), rules: z.array(rule) })) });
const recordingFile = ruleFile(z.strictObject({ record: z.string(), expr: z.string() }));
const alertFile = ruleFile(
  z.strictObject({
    alert: z.string().regex(/^Waybill[A-Z]\w+$/),
    expr: z.string(),
    for: z.string().optional(),
    labels: z.strictObject({ severity: z.enum(['page', 'ticket']) }),
    annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook: z.string() }),
  }),
);

const read = (root: string, path: string): unknown => parse(readFileSync(`${root}infra/prometheus/${path}`, 'utf8'));

/** Our recording rules, in the order they are evaluated. `root`: of the repository, with a slash at its end. */
export const recordings = (root: string) => recordingFile.parse(read(root, 'recording.yml')).groups.flatMap(({ rules }) => rules);

/** Our alerts. `root` as above. Throws on one that lacks a severity or an annotation. */
export const alerts = (root: string) => alertFile.parse(read(root, 'alerts.yml')).groups.flatMap(({ rules }) => rules);

/** Labels that Prometheus puts on what it collects, and those of what it makes itself. */
const TARGET = ['job', 'instance', 'region', 'service'];
const OF_PROMETHEUS: KnownSeries = new Map([
  ['up', TARGET],
  ['ALERTS', ['alertname', 'alertstate', 'severity', 'region', 'service', 'origin', 'stream']],
]);

/** Every series that rules and dashboards may read: the catalogue's, those of the recording rules, and Prometheus' own. `root` as above. */
export function knownSeries(root: string): KnownSeries {
  const known = new Map(OF_PROMETHEUS);
  for (const [name, { labels }] of [...Object.entries(COUNTERS), ...Object.entries(GAUGES)]) known.set(name, labels);
  for (const [name, { labels }] of Object.entries(HISTOGRAMS)) {
    known.set(`${name}_bucket`, [...labels, 'le']);
    for (const part of ['sum', 'count']) known.set(`${name}_${part}`, labels);
  }
  for (const { record, expr } of recordings(root)) known.set(record, labelsOfResult(expr));
  return known;
}

/** The labels of what our recording rules make, all of which are aggregated by the labels that the result has. */
const labelsOfResult = (expr: string): string[] =>
  [...new Set([...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels = '']) => labels.split(',').map((label) => label.trim())))].filter(
    (label) => label !== 'le',
  );
