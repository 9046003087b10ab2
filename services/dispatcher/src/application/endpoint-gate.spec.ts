import { describe, expect, it } from 'vitest';
import type { Ask } from '../domain/gate-lane.ts';
import { type Admission, type AttemptResult, EndpointGate, type GateOptions } from './endpoint-gate.ts';

function gateWith(options: Partial<GateOptions> = {}) {
  const clock = { nowMs: 1_000_000 };
  const gate = new EndpointGate({
    endpointConcurrency: 2,
    queueLength: 2,
    queueWaitMs: 1_000,
    concurrency: 100,
    retryShare: 0.25,
    circuit: { failuresToOpen: 3, firstPauseMs: 10_000, longestPauseMs: 40_000 },
    nowMs: () => clock.nowMs,
    random: () => 0,
    ...options,
  });
  const enter = (endpointId: string, ask: Partial<Ask> = {}) => gate.enter({ endpointId, priority: 'first', parked: 0, ...ask });
  return { gate, clock, enter };
}

function leave(admission: Admission, result: AttemptResult = 'succeeded') {
  if (admission.kind !== 'admitted') throw new Error(`not admitted: ${JSON.stringify(admission)}`);
  return admission.leave(result);
}

/** What a promise holds once all that is due has run; undefined while it is pending. */
async function now<T>(promise: Promise<T>): Promise<T | undefined> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  return Promise.race([promise, Promise.resolve(undefined)]);
}

const kinds = async (admissions: Promise<Admission>[]) =>
  (await Promise.all(admissions.map(now))).map((admission) => admission?.kind ?? 'waiting');

describe('the gate before endpoints', () => {
  it('bounds what is in flight to one endpoint, lets a few wait and parks the rest', async () => {
    const { enter } = gateWith({ concurrency: 4 });
    expect(await kinds(['a', 'a', 'a', 'a', 'a', 'b'].map((id) => enter(id)))).toEqual([
      'admitted',
      'admitted',
      'waiting',
      'waiting',
      'parked',
      'admitted',
    ]);
  });

  it('gives a free place to who waits, in order', async () => {
    const { enter } = gateWith({ endpointConcurrency: 1 });
    const [first, second, third] = [await enter('a'), enter('a'), enter('a')];
    leave(first);
    expect(await kinds([second, third])).toEqual(['admitted', 'waiting']);
    leave(await second);
    expect(await kinds([third])).toEqual(['admitted']);
  });

  it('lets nobody through a paused endpoint, and everybody else through theirs; who asked comes back in order, at the pace', async () => {
    const { gate, clock, enter } = gateWith();
    gate.pause('github:acme', clock.nowMs + 60_000);
    gate.pause('github:acme', clock.nowMs + 30_000);
    const asked = await Promise.all([1, 2, 3].map(() => enter('github:acme', { rateLimit: 1 })));
    expect(asked.map((one) => (one.kind === 'parked' ? [one.reason, one.dueMs - clock.nowMs] : one.kind))).toEqual([
      ['paused', 61_000],
      ['paused', 62_000],
      ['paused', 63_000],
    ]);
    expect(gate.paused()).toEqual([{ endpointId: 'github:acme', untilMs: clock.nowMs + 60_000 }]);
    expect(await kinds([enter('github:beta', { rateLimit: 1 })])).toEqual(['admitted']);
    clock.nowMs += 61_000;
    gate.sweep();
    expect([gate.pausedUntilMs('github:acme'), (await enter('github:acme', { rateLimit: 1, parked: 1 })).kind]).toEqual([
      undefined,
      'admitted',
    ]);
  });

  it('parks at once who waits at an endpoint that is paused', async () => {
    const { gate, clock, enter } = gateWith({ endpointConcurrency: 1 });
    const first = await enter('a');
    const second = enter('a');
    gate.pause('a', clock.nowMs + 60_000);
    leave(first, 'untried');
    expect(await kinds([second])).toEqual(['parked']);
  });

  it('parks who waited too long', async () => {
    const { gate, clock, enter } = gateWith({ endpointConcurrency: 1 });
    await enter('a');
    const waiting = enter('a');
    gate.sweep();
    expect(await kinds([waiting])).toEqual(['waiting']);
    clock.nowMs += 1_000;
    gate.sweep();
    expect(await waiting).toEqual({ kind: 'parked', reason: 'busy', dueMs: clock.nowMs + 1_000 });
  });

  it('lets nobody wait where nothing moves', async () => {
    const { clock, enter } = gateWith({ endpointConcurrency: 1 });
    await enter('a');
    clock.nowMs += 999;
    const waiting = enter('a');
    clock.nowMs += 1;
    expect(await kinds([waiting, enter('a')])).toEqual(['waiting', 'parked']);
  });

  it('lets a burst to a fast receiver wait, and parks one to a slow receiver', async () => {
    const { clock, enter } = gateWith({ endpointConcurrency: 1 });
    const attemptOf = async (id: string, tookMs: number) => {
      const admission = await enter(id);
      clock.nowMs += tookMs;
      leave(admission);
    };
    await attemptOf('fast', 10);
    await attemptOf('slow', 500);
    const burst = (id: string) => kinds(Array.from({ length: 30 }, () => enter(id)));
    expect((await burst('fast')).filter((kind) => kind === 'waiting')).toHaveLength(29);
    expect((await burst('slow')).filter((kind) => kind === 'waiting')).toHaveLength(2);
  });

  it('lets those who did not fit come back one by one, at the pace of the endpoint', async () => {
    const { clock, enter } = gateWith({ endpointConcurrency: 2, queueLength: 0 });
    const first = await enter('a');
    clock.nowMs += 4_000;
    leave(first);
    await Promise.all([enter('a'), enter('a')]);
    const parked = await Promise.all([enter('a'), enter('a'), enter('a'), enter('a', { parked: 1 })]);
    expect(parked.map((admission) => admission.kind === 'parked' && admission.dueMs - clock.nowMs)).toEqual([2_000, 4_000, 6_000, 2_000]);
  });

  it('puts off longer each time', async () => {
    const { clock, enter } = gateWith({ concurrency: 1, queueLength: 0, random: () => 0.5 });
    await enter('a');
    const delays = await Promise.all([0, 1, 2, 9].map(async (parked) => enter('a', { parked })));
    expect(delays.map((admission) => admission.kind === 'parked' && admission.dueMs - clock.nowMs)).toEqual([3_000, 6_000, 12_000, 48_000]);
  });

  it('keeps retries to their share of the common budget, so that first attempts find a place', async () => {
    const { enter } = gateWith({ concurrency: 8, queueLength: 0 });
    const retries = ['a', 'b', 'c', 'd'].map((id) => enter(id, { priority: 'retry' }));
    expect(await kinds(retries)).toEqual(['admitted', 'admitted', 'waiting', 'waiting']);
    expect(await kinds(['a', 'b', 'c', 'd'].map((id) => enter(id)))).toEqual(['admitted', 'admitted', 'admitted', 'admitted']);
  });

  it('lets first attempts go before retries of the same endpoint', async () => {
    const { enter } = gateWith({ endpointConcurrency: 1 });
    const running = await enter('a');
    const retry = enter('a', { priority: 'retry' });
    const first = enter('a');
    leave(running);
    expect(await kinds([retry, first])).toEqual(['waiting', 'admitted']);
  });

  it('gives each endpoint less when the budget runs low, so that many dead ones do not take it all', async () => {
    const { enter } = gateWith({ endpointConcurrency: 4, concurrency: 12, queueLength: 0 });
    const dead = ['a', 'b', 'c', 'd'].flatMap((id) => Array.from({ length: 4 }, () => enter(id)));
    const admitted = (await kinds(dead)).filter((kind) => kind === 'admitted').length;
    expect(admitted).toBe(8);
    expect(await kinds([enter('healthy')])).toEqual(['admitted']);
  });

  it('hands a place of the common budget to an endpoint that waits for it', async () => {
    const { enter } = gateWith({ concurrency: 1 });
    const running = await enter('a');
    const other = enter('b');
    expect(await kinds([other])).toEqual(['waiting']);
    leave(running);
    expect(await kinds([other])).toEqual(['admitted']);
  });

  it('opens the circuit after failures in a row, tells so once, and parks until the pause is over', async () => {
    const { clock, enter } = gateWith({ endpointConcurrency: 5 });
    const running = await Promise.all(Array.from({ length: 5 }, () => enter('a')));
    const waiting = enter('a');
    expect(running.map((admission) => leave(admission, 'failed').circuitOpened)).toEqual([false, false, true, false, false]);
    expect(await waiting).toMatchObject({ kind: 'admitted' });
    expect(await enter('a')).toEqual({ kind: 'parked', reason: 'circuit', dueMs: clock.nowMs + 11_000 });
  });

  it('lets one probe through after the pause, and all when it succeeds', async () => {
    const { clock, enter } = gateWith({ endpointConcurrency: 5 });
    for (let n = 0; n < 3; n += 1) leave(await enter('a'), 'failed');
    clock.nowMs += 10_000;
    const [probe, other] = [enter('a'), enter('a')];
    expect(await kinds([probe, other])).toEqual(['admitted', 'parked']);
    leave(await probe);
    expect(await kinds([enter('a'), enter('a')])).toEqual(['admitted', 'admitted']);
  });

  it('does not stay half open when the probe was never sent', async () => {
    const { clock, enter } = gateWith();
    for (let n = 0; n < 3; n += 1) leave(await enter('a'), 'failed');
    clock.nowMs += 10_000;
    leave(await enter('a'), 'untried');
    expect(await kinds([enter('a')])).toEqual(['admitted']);
  });

  it('keeps to the rate of an endpoint and gives everybody a turn', async () => {
    const { clock, enter } = gateWith({ endpointConcurrency: 10, queueLength: 10 });
    const turns = await Promise.all(Array.from({ length: 5 }, () => enter('a', { rateLimit: 2 })));
    expect(turns.map((turn) => (turn.kind === 'parked' ? turn.dueMs - clock.nowMs : 0))).toEqual([0, 0, 1_000, 1_000, 1_500]);
    clock.nowMs += 1_000;
    expect(await kinds([enter('a', { rateLimit: 2 }), enter('a', { rateLimit: 2, parked: 1 })])).toEqual(['parked', 'admitted']);
  });

  it('keeps to the rate of the region, whatever its endpoints allow', async () => {
    const { clock, enter } = gateWith({ rateLimit: 2 });
    const dueOf = (turn: Admission) => (turn.kind === 'parked' ? turn.dueMs - clock.nowMs : 0);
    const turns = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => enter(id, { rateLimit: 1 })));
    expect(turns.map(dueOf)).toEqual([0, 0, 1_000, 1_000, 1_500]);
    clock.nowMs += 2_000;
    expect(await kinds([enter('c', { rateLimit: 1, parked: 1 }), enter('d', { rateLimit: 1, parked: 1 })])).toEqual([
      'admitted',
      'admitted',
    ]);
    expect(await kinds([enter('e', { rateLimit: 1, parked: 1 })])).toEqual(['parked']);
  });

  it('forgets endpoints that are idle, and later those that failed', async () => {
    const { gate, clock, enter } = gateWith();
    leave(await enter('a'));
    leave(await enter('b'), 'failed');
    clock.nowMs += 61_000;
    gate.sweep();
    expect(gate.size).toEqual({ lanes: 1, inFlight: 0 });
    clock.nowMs += 3_600_000;
    gate.sweep();
    expect(gate.size.lanes).toBe(0);
  });

  it('admits nobody once it is stopped', async () => {
    const { gate, enter } = gateWith({ endpointConcurrency: 1 });
    await enter('a');
    const waiting = enter('a');
    gate.stop();
    expect(await kinds([waiting, enter('b')])).toEqual(['stopped', 'stopped']);
  });
});
