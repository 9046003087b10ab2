import type { DeliveryId } from '@waybill/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OpenDelivery } from '../../domain/takeover/open-deliveries.ts';
import { memoryFacts, memoryHistory, memorySchedules, type Step } from './testing/memory-streams.ts';
import { World } from './testing/world.ts';
import { TakeOver } from './take-over.ts';
import type { Claim } from './claim-and-arm.ts';
import { TakenElsewhere } from './taken-elsewhere.ts';

const step: Step = async (_name, work) => work();

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-21T10:00:00.000Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A takeover of us by eu without anything around it. */
function takeOver() {
  const world = new World();
  const state = { mayTake: true, settledMs: 0 };
  const claims: { ids: DeliveryId[]; notBeforeMs: number }[] = [];
  const take = async (open: readonly OpenDelivery[], claim: Claim): Promise<number> => {
    if (!claim.mayTake()) return 0;
    const deliveryIds = open.map(({ deliveryId }) => deliveryId);
    claims.push({ ids: deliveryIds, notBeforeMs: claim.notBeforeMs - Date.now() });
    world.of('eu').append({ type: 'claim', claim: { v: 1, of: 'us', by: 'eu', epoch: 2, deliveryIds, at: new Date().toISOString() } });
    return open.length;
  };
  const job = new TakeOver(
    {
      region: 'eu',
      of: 'us',
      routing: () => ({ order: ['us', 'eu'], states: new Map([['us', { state: 'failed', share: 0 }]]), spilling: new Set() }),
      registry: { atLeast: async () => true, placementOf: () => undefined, isKnown: () => true },
      history: memoryHistory(world.of('eu'), step),
      facts: memoryFacts(world.of('eu'), step),
      schedules: memorySchedules(world.of('eu'), step),
      elsewhere: new TakenElsewhere({ of: () => undefined, remember: () => undefined }),
      claimAndArm: { take },
      whatOthersDid: { yieldLate: async () => undefined },
      mayTake: () => state.mayTake,
      settledMs: () => state.settledMs,
      pause: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
      nowMs: () => Date.now(),
    },
    { epoch: 2, isDrained: false },
  );
  const abort = new AbortController();
  const done = job.run(abort.signal);
  const stop = async (): Promise<void> => {
    abort.abort();
    await vi.advanceTimersByTimeAsync(1_000);
    await done;
  };
  return { world, state, claims, job, stop };
}

describe('a takeover', () => {
  it('takes nothing while it may not, and then what it left', async () => {
    const { world, state, claims, job, stop } = takeOver();
    state.mayTake = false;
    const left = world.plan('us', 'us');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(claims).toEqual([]);
    state.mayTake = true;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(claims).toEqual([{ ids: [left], notBeforeMs: 0 }]);
    expect(job.progress).toMatchObject({ of: 'us', epoch: 2, phase: 'following', taken: 1 });
    await stop();
  });

  it('waits until every region has heard of the change, and says so', async () => {
    const { world, state, claims, job, stop } = takeOver();
    state.settledMs = Date.now() + 3_000;
    const left = world.plan('us', 'us');
    await vi.advanceTimersByTimeAsync(2_500);
    expect(job.progress.waitingFor).toBe('all regions to have heard of the change');
    expect(claims).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(claims).toMatchObject([{ ids: [left] }]);
    expect(job.progress.waitingFor).toBeUndefined();
    await stop();
  });

  it('takes each delivery once, however long it follows', async () => {
    const { world, claims, stop } = takeOver();
    const first = world.plan('us', 'us');
    await vi.advanceTimersByTimeAsync(5_000);
    const second = world.plan('eu', 'us');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(claims.map(({ ids }) => ids)).toEqual([[first], [second]]);
    await stop();
  });

  it('takes what has an order when all is read that may come before it', async () => {
    const { world, state, claims, stop } = takeOver();
    state.settledMs = Number.POSITIVE_INFINITY;
    const ordered: DeliveryId[] = [];
    const others: DeliveryId[] = [];
    for (const seq of [1, 2, 3]) {
      ordered.push(world.plan('us', 'us', { order: { key: 'k', region: 'us', seq } }));
      others.push(world.plan('us', 'us'));
      await vi.advanceTimersByTimeAsync(3_600_000);
    }
    state.settledMs = 0;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(claims.at(-1)?.ids.toSorted()).toEqual(ordered.toSorted());
    expect(
      claims
        .slice(0, -1)
        .flatMap(({ ids }) => ids.toSorted())
        .toSorted(),
    ).toEqual(others.toSorted());
    await stop();
  });
});
