import type { DeliveryId } from '@waybill/contracts';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { World } from './testing/world.ts';

const REGIONS = ['us', 'eu', 'ap'] as const;
const region = fc.constantFrom(...REGIONS);

const DEEDS = ['kill', 'start', 'restart', 'fail', 'lose', 'return', 'drain', 'activate'] as const;
const burst = fc.record({
  deed: fc.constant('plan' as const),
  region,
  deliverIn: region,
  refusals: fc.nat(3),
  retryMs: fc.integer({ min: 500, max: 60_000 }),
  count: fc.integer({ min: 1, max: 4 }),
});
/** What may happen, one after the other, with a moment or a while in between. */
const deeds = fc.oneof({ weight: 2, arbitrary: burst }, { weight: 3, arbitrary: fc.record({ deed: fc.constantFrom(...DEEDS), region }) });
const cuts = fc.oneof(
  { weight: 4, arbitrary: deeds },
  { weight: 1, arbitrary: fc.record({ deed: fc.constant('isolate' as const), region, isOff: fc.boolean() }) },
);
type Deed = typeof cuts extends fc.Arbitrary<infer T> ? T : never;
const time = fc.oneof(fc.integer({ min: 0, max: 1_500 }), fc.integer({ min: 3_000, max: 12_000 }));
const story = (of: fc.Arbitrary<Deed>) => fc.array(fc.tuple(of, time), { minLength: 8, maxLength: 30 });

interface Kind {
  readonly automatic: boolean;
  /** Links and streams take their time. */
  readonly slow: boolean;
}
const kinds = fc.record({ automatic: fc.boolean(), slow: fc.boolean() });

let world: World;
let all: DeliveryId[];
/** How often each delivery was under way, and had been accepted, when its process was killed. */
let lostAnswers: Map<DeliveryId, number>;

function kill(name: string): void {
  for (const deliveryId of world.processes.get(name)?.acceptedInFlight ?? [])
    lostAnswers.set(deliveryId, (lostAnswers.get(deliveryId) ?? 0) + 1);
  world.kill(name);
}

function plan(burstOf: Extract<Deed, { deed: 'plan' }>): void {
  for (let n = 0; n < burstOf.count; n += 1) {
    const deliveryId = world.plan(burstOf.region, burstOf.deliverIn);
    world.refusals.set(deliveryId, burstOf.refusals);
    world.retryMs.set(deliveryId, burstOf.retryMs);
    all.push(deliveryId);
  }
}

const start = (name: string): void => void (world.processes.has(name) || world.start(name));

/** What an operator may do in that state, and nothing in others. */
function change(name: string, to: 'fail' | 'drain' | 'activate'): void {
  const { state } = world.record(name);
  const allowed = { fail: ['active', 'draining', 'recovering'], drain: ['active', 'recovering'], activate: ['failed', 'drained'] };
  if (allowed[to].includes(state)) world[to](name);
}

function act(deed: Deed): void {
  const { region: name } = deed;
  switch (deed.deed) {
    case 'plan':
      return plan(deed);
    case 'kill':
      return kill(name);
    case 'start':
      return start(name);
    case 'restart':
      return (kill(name), start(name));
    case 'lose':
      return (kill(name), change(name, 'fail'));
    case 'return':
      return (start(name), change(name, 'activate'));
    case 'isolate':
      return world.isolate(name, deed.isOff);
    default:
      return change(name, deed.deed);
  }
}

/** Plays a story, then heals and starts everything, and waits until nothing more is to be done. */
async function play(deedsAndTimes: readonly (readonly [Deed, number])[], { automatic, slow }: Kind): Promise<void> {
  [all, lostAnswers] = [[], new Map()];
  world = new World({ regions: REGIONS, automatic, stepMs: 2_000, latencyMs: 300, linkMs: slow ? 250 : 0 });
  if (slow) Object.assign(world.delays, { read: 40, claim: 200, schedule: 50, close: 100, tell: 100, change: 100, fire: 50 });
  for (const one of REGIONS) world.start(one);
  await world.pass(2_000);
  for (const [deed, ms] of deedsAndTimes) {
    act(deed);
    await world.pass(ms);
  }
  for (const one of REGIONS) world.isolate(one, false);
  for (const one of REGIONS) start(one);
  for (let n = 0; n < 4; n += 1) {
    await world.pass(30_000);
    for (const one of REGIONS) change(one, 'activate');
  }
  await world.pass(200_000);
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-21T10:00:00.000Z') });
});
afterEach(() => {
  world.stop();
  vi.useRealTimers();
});

const told = (deliveryId: DeliveryId): string => `${deliveryId}: ${world.sentTo(deliveryId).join(', ')}`;

describe('whatever happens', () => {
  it('every delivery ends, and none is sent again that was accepted and told', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(story(deeds), kinds, async (deedsAndTimes, kind) => {
        await play(deedsAndTimes, kind);
        expect(REGIONS.map((one) => world.record(one).state)).toEqual(['active', 'active', 'active']);
        for (const deliveryId of all) {
          expect(world.endsOf(deliveryId), told(deliveryId)).toHaveLength(1);
          const accepted = 0 - (world.refusals.get(deliveryId) ?? 0);
          expect(accepted, told(deliveryId)).toBeLessThanOrEqual(1 + (lostAnswers.get(deliveryId) ?? 0));
        }
        world.stop();
      }),
      { numRuns: 50 },
    );
  });

  it('every delivery ends, also when regions are cut off', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(story(cuts), kinds, async (deedsAndTimes, kind) => {
        await play(deedsAndTimes, kind);
        expect(REGIONS.map((one) => world.record(one).state)).toEqual(['active', 'active', 'active']);
        for (const deliveryId of all) expect(world.endsOf(deliveryId).length, told(deliveryId)).toBeGreaterThanOrEqual(1);
        world.stop();
      }),
      { numRuns: 20 },
    );
  });
});
