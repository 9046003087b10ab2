import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Ended, runBuilt } from './built-command.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'waybill-e2e-bench-'));
const out = join(folder, 'result.json');
const SETTINGS = [
  '--rate',
  '100',
  '--duration',
  '5s',
  '--endpoints',
  '2',
  '--fan-out',
  '2',
  '--failing',
  '10%',
  '--via',
  'both',
  '--warm-up',
  '50',
];

describe('the bench, five seconds at 100 events a second to two endpoints that refuse every tenth delivery once', () => {
  let ended: Ended;
  let result: { events: Record<string, number>; processes: Record<string, { cpuMicrosPerEvent: number; rssMax: number }>; speed: object };

  beforeAll(async () => {
    ended = await runBuilt('bench/dist/main.js', [...SETTINGS, '--out', out]);
    if (ended.code === 0) result = JSON.parse(readFileSync(out, 'utf8'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('ends well, and says what it found', () => {
    expect(ended, ended.said).toMatchObject({ code: 0, said: expect.stringMatching(/missing 0/) });
  });

  it('finds every accepted event at both endpoints', () => {
    expect(result.events).toMatchObject({ sent: 550, accepted: 550, owed: 1_100, delivered: 1_100, missing: 0, unexpected: 0 });
  });

  it('had deliveries refused, which came again', () => {
    expect(result.events['refusedOnPurpose']).toBeGreaterThan(0);
  });

  it('measured every process', () => {
    const names = ['nats', 'ingress', 'planner', 'dispatcher', 'projector', 'load', 'receiver'];
    expect(Object.keys(result.processes).toSorted()).toEqual(process.platform === 'linux' ? names.toSorted() : []);
    for (const { cpuMicrosPerEvent, rssMax } of Object.values(result.processes)) {
      expect(cpuMicrosPerEvent).toBeGreaterThan(0);
      expect(rssMax).toBeGreaterThan(1_000_000);
    }
  });

  it('measured acknowledgement and delivery', () => {
    expect(result.speed).toMatchObject({ ackMs: { count: 500, p50: expect.any(Number) }, endToEndMs: { p99: expect.any(Number) } });
  });
});

it('the bench of telling gets the spans of every event that it sent, and says what they cost', async () => {
  const own = mkdtempSync(join(tmpdir(), 'waybill-e2e-bench-'));
  onTestFinished(() => rmSync(own, { recursive: true }));
  const file = join(own, 'telling.json');
  const settings = ['--modes', 'traces-100', '--rounds', '1', '--rate', '50', '--duration', '1s', '--warm-up', '10'];
  const ended = await runBuilt('bench/dist/telemetry/telemetry-main.js', [...settings, '--out', file]);
  expect(ended, ended.said).toMatchObject({ code: 0 });
  const { costs, told } = JSON.parse(readFileSync(file, 'utf8'));
  expect(costs).toMatchObject([{ mode: 'traces-100', ratio: 1, total: expect.any(Number) }]);
  // Request, publish, process, publish, process, attempt at least.
  expect(told[0].spansPerEvent).toBeGreaterThanOrEqual(6);
});
