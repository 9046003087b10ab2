import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '@waybill/bench';
import { describe, expect, it } from 'vitest';
import { durationMs, scaleRules } from './scale-rules.ts';

describe('rules on a faster clock', () => {
  it.each([
    ['        for: 5m', '        for: 20000ms'],
    ['    interval: 15s', '    interval: 1000ms'],
    ['expr: sum(increase(x_total[1m])) > 0', 'expr: sum(increase(x_total[4000ms])) > 0'],
    ['expr: max_over_time(x[1h30m:15s])', 'expr: max_over_time(x[360000ms:1000ms])'],
    ['expr: max_over_time(x[1d:])', 'expr: max_over_time(x[5760000ms:])'],
    ['expr: x offset 5m - x offset -30s', 'expr: x offset 20000ms - x offset -2000ms'],
    ['expr: time() - max by (region) (x_seconds) > 120', 'expr: time() - max by (region) (x_seconds) > 8'],
  ])('%s', (rule, scaled) => {
    expect(scaleRules(rule, 15)).toBe(scaled);
  });

  it.each([
    'expr: lag_seconds > 60',
    'expr: sum(up{job=~"[a-z]+[5]",path="5m"}) > 10.6',
    "description: 'nothing for 5 minutes, offset by much'",
    'expr: predict_linear(x, 4 * 3600) > 1',
  ])('leave alone: %s', (rule) => {
    expect(scaleRules(rule, 15)).toBe(rule);
  });

  it.each(['recording.yml', 'alerts.yml'])('of %s leave no duration as it was, and change nothing else', (file) => {
    const rules = readFileSync(join(REPOSITORY, 'infra/prometheus', file), 'utf8');
    const lines = rules.split('\n').map((line) => line.replace(/#.*$/, ''));
    const scaled = scaleRules(lines.join('\n'), 15).split('\n');
    // Durations in ms are those that were scaled; names such as rate5m are no durations.
    const isText = (line: string): boolean => /^\s*(?:summary|description|runbook):/.test(line);
    expect(scaled.filter((line) => !isText(line) && /(?<![\w:])\d+[smhdwy]\b/.test(line))).toEqual([]);
    const changed = scaled.filter((line, at) => line !== lines[at]);
    expect(changed.filter((line) => !/\d+ms|time\(\) - /.test(line))).toEqual([]);
    expect(scaled).toHaveLength(lines.length);
    expect(changed.length).toBeGreaterThan(5);
  });
});

describe('durations of Prometheus', () => {
  it.each([
    ['250ms', 250],
    ['1h30m', 5_400_000],
    ['2w', 1_209_600_000],
  ])('%s', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it('are nothing else', () => {
    for (const text of ['5', 'm', '5 m', '1.5h', '-5m']) expect(() => durationMs(text), text).toThrow(RangeError);
  });
});
