import type { BenchResult } from '../result.ts';

const latencies = { count: 500, p50: 1.25, p95: 20.4, p99: 30, max: 40 };
const cost = { cpuMicrosPerEvent: 150, rssStart: 1, rssThird: 2, rssEnd: 2, rssMax: 3, growth: 1 };

/** A result of a small sound run. */
export const benchResult = (changes: Partial<BenchResult> = {}): BenchResult => ({
  date: '2026-01-02T03:04:05.000Z',
  name: 'smoke',
  commit: 'abc',
  machine: { cpu: 'Some CPU', cores: 2, memoryGiB: 8, platform: 'linux-x64', node: 'v24.0.0', natsServer: '2.15.1' },
  settings: {
    warmUpEvents: 0,
    rate: 100,
    events: 500,
    endpoints: 2,
    fanOut: 2,
    payloadBytes: 100,
    failingPercent: 10,
    connections: 8,
    via: 'webhook',
  },
  events: {
    sent: 500,
    accepted: 500,
    refused: 0,
    answers: { 202: 500 },
    owed: 1_000,
    delivered: 1_000,
    missing: 0,
    repeated: 0,
    unexpected: 0,
    refusedOnPurpose: 100,
    restarted: [],
  },
  speed: {
    loadSeconds: 5,
    acceptedPerSecond: 100,
    deliveredPerSecond: 200,
    deliveredPerSecondOverall: 180,
    ackMs: latencies,
    endToEndMs: latencies,
    projectorLag: 3,
    deliveryCatchUpMs: 5,
    projectorCatchUpMs: 6,
  },
  processes: { ingress: cost },
  rssAt: {},
  ...changes,
});
