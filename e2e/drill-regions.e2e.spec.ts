import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, runBuilt } from './built-command.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'waybill-e2e-drill-regions-'));

afterAll(() => rmSync(folder, { recursive: true }));

interface RegionFound {
  readonly sent: { readonly answers: Record<string, number> };
  readonly found: Record<string, number>;
  readonly allowed: { readonly repeats: number };
  readonly takenOverTraces?: number;
}

/** Short forms of the drills of two regions; the long ones are run by `npm run drill`. */
const REGION_DRILLS = [
  { what: 'one is killed, and exactly the alerts fire that should', drill: 'alerts', args: ['--short'], leastTraces: 1 },
  { what: 'partition', drill: 'partition', args: ['--cut', '16000'], leastTraces: 0 },
] as const;

describe.each(REGION_DRILLS)('two regions: $what, under load', ({ drill, args, leastTraces }) => {
  const file = join(folder, `${drill}.json`);
  let ended: Ended;
  let result: RegionFound;

  beforeAll(async () => {
    ended = await runBuilt('drills/dist/main.js', [drill, '--rate', '40', ...args, '--out', file]);
    if (ended.code === 0) result = JSON.parse(readFileSync(file, 'utf8'));
  }, 300_000);

  it('breaks no invariant, and fails no request at the door', () => {
    expect(ended, ended.said).toMatchObject({ code: 0, said: expect.stringMatching(/all invariants hold/) });
    expect(Object.keys(result.sent.answers)).toEqual(['202']);
  });

  it('loses nothing, leaves nothing without an end, and repeats at most what was in flight', () => {
    expect(result.found).toMatchObject({ lost: 0, withoutEnd: 0 });
    expect(result.found['delivered']).toBe(result.found['owed']);
    expect(result.found['repeated']).toBeLessThanOrEqual(result.allowed.repeats);
  });

  it('shows what one region accepted and the other delivered in its place as one trace', () => {
    expect(result.takenOverTraces ?? 0).toBeGreaterThanOrEqual(leastTraces);
  });
});
