import type { DeliveryId } from '@waybill/contracts';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LaneProcess, LaneWorld } from './testing/lane-world.ts';

const fate = fc.record({
  refusals: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) }),
  latencyMs: fc.oneof(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 500, max: 3_000 })),
  again: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 }) }),
});
const deed = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      deed: fc.constant('plan' as const),
      key: fc.constantFrom('a', 'b', undefined),
      fate,
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ deed: fc.constantFrom('die' as const, 'reconnect' as const) }) },
);
const pause = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1_000, max: 50_000 }));
const stories = fc.array(fc.tuple(deed, pause), { minLength: 3, maxLength: 20 });

let world: LaneWorld;
let process: LaneProcess;
let all: { readonly deliveryId: DeliveryId; readonly key: string | undefined }[];

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  process.kill();
  vi.useRealTimers();
});

async function start(): Promise<void> {
  process = new LaneProcess(world);
  const starting = process.start();
  await vi.advanceTimersByTimeAsync(20);
  await starting;
}

async function live(story: readonly (typeof stories extends fc.Arbitrary<infer T> ? T : never)[number][]): Promise<void> {
  world = new LaneWorld();
  all = [];
  await start();
  for (const [what, ms] of story) {
    if (what.deed === 'plan')
      for (let n = 0; n < what.count; n += 1) all.push({ deliveryId: world.plan(what.key, what.fate), key: what.key });
    else if (what.deed === 'reconnect') void process.reconnect();
    else {
      process.kill();
      await start();
    }
    await vi.advanceTimersByTimeAsync(ms);
  }
  // All retries of all deliveries one after the other, and more.
  for (let round = 0; round < all.length * 20 + 100 && !all.every(({ deliveryId }) => world.hasEnded(deliveryId)); round += 1)
    await vi.advanceTimersByTimeAsync(30_000);
  process.kill();
}

it(
  'never starts two of a key at once, never out of order, and brings all to their ends, whatever happens',
  { timeout: 60_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(stories, async (story) => {
        await live(story);
        expect(all.filter(({ deliveryId }) => !world.hasEnded(deliveryId))).toEqual([]);
        expect(world.overlaps).toBe(0);
        for (const key of ['a', 'b']) {
          const began = world.began.filter((one) => one.key === key).map(({ n }) => n);
          expect(began).toEqual(began.toSorted((a, b) => a - b));
          expect(new Set(began).size).toBe(all.filter((one) => one.key === key).length);
        }
      }),
      { numRuns: 50 },
    );
  },
);

it('does not hold up other keys while one is blocked', async () => {
  const slow = { refusals: 3, latencyMs: 5, again: 0 };
  const well = { refusals: 0, latencyMs: 5, again: 0 };
  world = new LaneWorld();
  await start();
  all = [slow, well, well].map((of) => ({ deliveryId: world.plan('a', of), key: 'a' }));
  const others = [well, well].map((of) => world.plan('b', of));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(others.map((deliveryId) => world.hasEnded(deliveryId))).toEqual([true, true]);
  expect(all.map(({ deliveryId }) => world.hasEnded(deliveryId))).toEqual([false, false, false]);
  // Nobody holds a message while the first one waits for its retry.
  expect(world.plans.every(({ isSettled }) => isSettled)).toBe(true);
  await vi.advanceTimersByTimeAsync(90_000);
  expect(all.map(({ deliveryId }) => world.hasEnded(deliveryId))).toEqual([true, true, true]);
});

it('goes on soon after the first one ended, also when the process died right there', async () => {
  const well = { refusals: 0, latencyMs: 5, again: 0 };
  world = new LaneWorld();
  await start();
  const [first, second] = [world.plan('a', { ...well, refusals: 2 }), world.plan('a', well)];
  await vi.advanceTimersByTimeAsync(20_000);
  // It was delivered after all, and nobody was left to wake the next one.
  process.kill();
  world.facts.set(first, { attempt: 2, next: { kind: 'delivered' } });
  world.schedules.delete(first);
  await start();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(world.hasEnded(second)).toBe(true);
});

it('waits for what was on its way when the connection was lost', async () => {
  const well = { refusals: 0, latencyMs: 5, again: 0 };
  world = new LaneWorld();
  await start();
  world.plan('a', well);
  void process.reconnect();
  world.plan('a', well);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(world.began.map(({ n }) => n)).toEqual([1, 2]);
});

it('is not kept closed by a delivery that was lost', async () => {
  const well = { refusals: 0, latencyMs: 5, again: 0 };
  world = new LaneWorld();
  await start();
  const [lost, second] = [world.plan('a', { ...well, refusals: 3 }), world.plan('a', well)];
  await vi.advanceTimersByTimeAsync(10_000);
  world.schedules.delete(lost);
  await vi.advanceTimersByTimeAsync(320_000);
  expect(world.hasEnded(second)).toBe(true);
});
