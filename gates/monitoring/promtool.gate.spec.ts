import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findPromtool } from '@waybill/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DASHBOARDS } from './dashboards/files.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'waybill-promtool-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const cwd = fileURLToPath(new URL('../../infra/prometheus/', import.meta.url));

describe('promtool', () => {
  let promtool: string;
  // 20 MB are fetched the first time.
  beforeAll(async () => {
    promtool = await findPromtool();
  }, 240_000);

  it('takes the configurations and the rules', async () => {
    const { stdout } = await run(promtool, ['check', 'config', 'prometheus.yml', 'prometheus.example.yml'], { cwd });
    expect(stdout).not.toContain('0 rules found');
  });

  it('finds that the rules do what their tests say', { timeout: 120_000 }, async () => {
    const files = globSync('tests/*.yml', { cwd });
    expect(files.length).toBeGreaterThan(3);
    await run(promtool, ['test', 'rules', ...files], { cwd });
  });

  it('takes the expressions of the dashboards', async () => {
    const lines = DASHBOARDS.flatMap(({ rows }) => rows.flatMap(({ panels }) => panels.flatMap((panel) => panel.lines)));
    const rules = lines.map(({ expr }, index) => ({ record: `panel_line_${index}`, expr }));
    const file = join(folder, 'panels.json');
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }));
    const { stdout } = await run(promtool, ['check', 'rules', file], { cwd });
    expect(stdout).toContain(`${lines.length} rules found`);
  });
});
