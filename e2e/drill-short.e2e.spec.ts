import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, runBuilt } from './built-command.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'waybill-e2e-drill-'));
const out = join(folder, 'result.json');

afterAll(() => rmSync(folder, { recursive: true }));

interface Found {
  readonly found: Record<string, number>;
  readonly findings: readonly string[];
  readonly kills: readonly { readonly target: string }[];
}

describe('kill -9 of each process once, under load', () => {
  let ended: Ended;
  let result: Found;

  beforeAll(async () => {
    ended = await runBuilt('drills/dist/main.js', ['kill-any', '--kills', '5', '--rate', '50', '--seed', '1', '--out', out]);
    if (ended.code === 0) result = JSON.parse(readFileSync(out, 'utf8'));
  });

  it('breaks no invariant', () => {
    expect(ended, ended.said).toMatchObject({ code: 0, said: expect.stringMatching(/all invariants hold/) });
    expect(result.findings).toEqual([]);
  });

  it('loses nothing and leaves nothing without its one end', () => {
    expect(result.found).toMatchObject({ lost: 0, withoutEnd: 0, withTwoEnds: 0, plannedTwice: 0, storedTwice: 0, unexpected: 0 });
    expect(result.found['accepted']).toBeGreaterThan(100);
    expect(result.found['delivered']).toBe(result.found['owed']);
  });

  it('killed all of them', () => {
    expect(result.kills.map(({ target }) => target).toSorted()).toEqual(['dispatcher', 'ingress', 'nats', 'planner', 'projector']);
  });
});

interface GithubFound {
  readonly found: Record<string, number>;
  readonly sent: { readonly runs: number };
}

describe('workflow dispatches: all that can go wrong with GitHub, one after the other', () => {
  const file = join(folder, 'github-storm.json');
  let ended: Ended;
  let result: GithubFound;

  beforeAll(async () => {
    ended = await runBuilt('drills/dist/main.js', ['github-storm', '--rate', '5', '--cut', '5000', '--out', file]);
    if (ended.code === 0) result = JSON.parse(readFileSync(file, 'utf8'));
  });

  it('breaks no invariant: nothing is started twice, everything has one end', () => {
    expect(ended, ended.said).toMatchObject({ code: 0, said: expect.stringMatching(/all invariants hold/) });
    expect(result.found).toMatchObject({ startedTwice: 0 });
    expect(result.found['owed']).toBe(result.sent.runs * 2);
  });
});
