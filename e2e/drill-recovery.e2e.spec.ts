import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, runBuilt } from './built-command.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'waybill-e2e-recovery-'));
const out = join(folder, 'result.json');

afterAll(() => rmSync(folder, { recursive: true }));

interface Found {
  readonly found: Record<string, number>;
  readonly findings: readonly string[];
  readonly deadLetters: number;
  readonly kills: readonly { readonly target: string }[];
}

describe('a redrive of dead letters whose planner is killed, under load', () => {
  let ended: Ended;
  let result: Found;

  beforeAll(async () => {
    const short = ['--count', '100', '--rate', '40', '--kills', '1', '--target', 'planner', '--seed', '1', '--out', out];
    ended = await runBuilt('drills/dist/main.js', ['redrive-kill', ...short]);
    if (ended.code === 0) result = JSON.parse(readFileSync(out, 'utf8'));
  });

  it('breaks no invariant, and the audit is clean', () => {
    expect(ended, ended.said).toMatchObject({ code: 0, said: expect.stringMatching(/all invariants hold/) });
    expect(result.findings).toEqual([]);
    expect(result.kills.map(({ target }) => target)).toEqual(['planner']);
  });

  it('redrives each dead letter once: what was owed is delivered, and not once more', () => {
    expect(result.deadLetters).toBeGreaterThanOrEqual(100);
    expect(result.found['delivered']).toBe(result.found['owed']);
    // The deliveries of the first time, which ended as dead letters, and one more for each.
    expect(result.found['inLog']).toMatchObject({ deliveries: Number(result.found['owed']) + result.deadLetters });
  });
});
