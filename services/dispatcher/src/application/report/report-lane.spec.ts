import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_CIRCUIT_POLICY } from '../../domain/circuit.ts';
import { EndpointGate } from '../endpoint-gate.ts';
import { ReportLane } from './report-lane.ts';

const DISPATCH = { endpointId: 'github:acme', priority: 'first', rateLimit: 1, parked: 0 } as const;
let nowMs: number;
let gate: EndpointGate;
let lane: ReportLane;

beforeEach(() => {
  nowMs = 1_000_000;
  const limits = { endpointConcurrency: 20, queueLength: 10, queueWaitMs: 1_000, concurrency: 100, retryShare: 0.25 };
  gate = new EndpointGate({ ...limits, circuit: DEFAULT_CIRCUIT_POLICY, nowMs: () => nowMs, random: () => 0 });
  lane = new ReportLane({ gate, writesPerSecond: 1, nowMs: () => nowMs });
});

describe('the turn of a report', () => {
  it('counts for the pace of the installation', async () => {
    expect(await lane.enter('acme')).toMatchObject({ kind: 'go' });
    expect(await lane.enter('acme')).toMatchObject({ kind: 'later' });
    expect(await gate.enter(DISPATCH)).toMatchObject({ kind: 'parked' });
    expect(await lane.enter('beta')).toMatchObject({ kind: 'go' });
  });

  it('comes after the dispatches that wait, but not never', async () => {
    expect(await gate.enter(DISPATCH)).toMatchObject({ kind: 'admitted' });
    let dueMs = 0;
    for (let n = 0; n < 300; n += 1) {
      const admission = await gate.enter(DISPATCH);
      if (admission.kind === 'parked') ({ dueMs } = admission);
    }
    for (let n = 0; n < 60; n += 1) {
      expect(await lane.enter('acme')).toEqual({ kind: 'later', dueMs: nowMs + 1_000 });
      nowMs += 1_000;
    }
    expect(await lane.enter('acme')).toEqual({ kind: 'later', dueMs: dueMs + 1_000 });
    nowMs = dueMs + 1_000;
    expect(await lane.enter('acme')).toMatchObject({ kind: 'go' });
  });

  it('comes at once when no dispatch waits any more', async () => {
    expect(await gate.enter(DISPATCH)).toMatchObject({ kind: 'admitted' });
    const admission = await gate.enter(DISPATCH);
    expect(await lane.enter('acme')).toMatchObject({ kind: 'later' });
    nowMs = (admission.kind === 'parked' ? admission.dueMs : 0) + 1_000;
    expect(await lane.enter('acme')).toMatchObject({ kind: 'go' });
  });

  it('never opens the circuit of the dispatches', async () => {
    for (let n = 0; n < 100; n += 1) {
      const turn = await lane.enter('acme');
      if (turn.kind === 'go') turn.leave();
      nowMs += 1_001;
    }
    expect(await gate.enter(DISPATCH)).toMatchObject({ kind: 'admitted' });
    expect(gate.size.inFlight).toBe(1);
  });

  it('is told that the process stops', async () => {
    gate.stop();
    expect(await lane.enter('acme')).toEqual({ kind: 'stopped' });
  });
});
