import type { DeliveryId } from '@waybill/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type DieAt, type Process, World } from './testing/world.ts';

/*
 * What if the process dies right there? Each row is tried at every occurrence, before and after the step. The region that stands in is eu, the one that
 * was given up and returns is us.
 *
 * | it dies                                  | what the next process finds                          | so that                                   |
 * | ---------------------------------------- | ---------------------------------------------------- | ----------------------------------------- |
 * | eu while it reads                        | nothing was written                                  | it reads again                            |
 * | eu before a claim                        | the deliveries are owed by us                        | they are claimed now                      |
 * | eu after a claim, before its schedules   | its newest claim has no schedules                    | it arms them, before it takes any work    |
 * | eu amid the schedules of a claim         | some schedules are there, or have fired              | it arms the others; what fired is known   |
 * | eu after the schedules, before the next  | the newest claim is armed, the rest is owed by us    | the rest is claimed                       |
 * | eu before `takeover.closed`              | us recovers, and has not the word                    | eu says it                                |
 * | eu after `takeover.closed`               | its own LOG has the word                             | it is not said again, nothing is claimed  |
 * | us while it catches up                   | its record still says 0 %                            | it catches up again                       |
 * | us amid bringing schedules forward       | some of them fired and found nothing to do           | it catches up again                       |
 * | us before its share is raised            | its record says 0 % (25, 50, 75)                     | it goes on from there                     |
 * | us after its share was raised            | its record says so, the LOG may not                  | the fact is appended; claims are reloaded |
 * | us when it has begun to drain            | its record says draining                             | it drains again, with a new time          |
 * | us after its last fact, before `drained` | its record says draining, its LOG has the last fact  | it never opens, and says drained          |
 */

let world: World;
let all: DeliveryId[];

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-21T10:00:00.000Z') });
});
afterEach(() => {
  world.stop();
  vi.useRealTimers();
});

const plan = (by: string, refusals = 0): DeliveryId => {
  const deliveryId = world.plan(by, 'us');
  world.refusals.set(deliveryId, refusals);
  all.push(deliveryId);
  return deliveryId;
};

/** Lets time pass, and starts again whoever died where it was told to. */
async function pass(ms: number, died: Process[]): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    await world.pass(500);
    for (const [region, process] of world.processes) {
      if (!process.isDead) continue;
      died.push(process);
      world.processes.delete(region);
      await world.pass(2_000);
      world.start(region);
    }
  }
}

/** Fails over to eu and back. Tells whether the process died where it was to. */
async function failOverAndBack(region: string, dieAt: DieAt): Promise<boolean> {
  const died: Process[] = [];
  world.start('us');
  world.start('eu', region === 'eu' ? dieAt : {});
  plan('us', 5);
  plan('us');
  // Its retry is pending in both regions when us comes back.
  world.retryMs.set(plan('us', 1), 25_000);
  await pass(2_000, died);
  world.kill('us');
  for (let n = 0; n < 4; n += 1) plan('us', n % 2);
  world.fail('us');
  await pass(1_000, died);
  // A planner that has not heard of it yet.
  plan('eu');
  await pass(12_000, died);
  world.start('us', region === 'us' ? dieAt : {});
  world.activate('us');
  plan('us', 1);
  await pass(25_000, died);
  return died.length > 0;
}

/** Drains us to eu, which then takes the rest over. */
async function drain(region: string, dieAt: DieAt): Promise<boolean> {
  const died: Process[] = [];
  world.start('us', region === 'us' ? dieAt : {});
  world.start('eu', region === 'eu' ? dieAt : {});
  plan('us', 4);
  plan('us');
  await pass(1_000, died);
  world.drain('us');
  plan('us', 1);
  await pass(30_000, died);
  return died.length > 0;
}

function expectExactlyOnce(): void {
  for (const deliveryId of all) {
    const ends = world.endsOf(deliveryId);
    expect(ends, `${deliveryId} was sent ${world.sentTo(deliveryId).join(', ')}`).toHaveLength(1);
    expect(world.refusals.get(deliveryId), `${deliveryId} was sent ${world.sentTo(deliveryId).join(', ')}`).toBe(-1);
  }
}

const STEPS = [
  ['eu', 'claim', 10],
  ['eu', 'schedule', 20],
  ['eu', 'close', 5],
  ['eu', 'tell', 5],
  ['eu', 'read', 40],
  ['us', 'read', 40],
  ['us', 'fire', 10],
  ['us', 'change', 10],
  ['us', 'tell', 10],
] as const;

describe.each(['before', 'after'] as const)('a death %s', (when) => {
  it.each(STEPS)('of %s at any %s loses and repeats nothing, over there and back', async (region, name, most) => {
    let occurrences = 0;
    for (let nth = 1; nth <= most; nth += 1) {
      [world, all] = [new World({ latencyMs: 0, stepMs: 1_000 }), []];
      const hasDied = await failOverAndBack(region, { name, nth, when });
      expect(world.record('us')).toMatchObject({ state: 'active', share: 100 });
      expectExactlyOnce();
      world.stop();
      if (!hasDied) break;
      occurrences += 1;
    }
    expect(occurrences).toBeGreaterThan(name === 'tell' && region === 'eu' ? -1 : 0);
  });

  it.each(STEPS)('of %s at any %s loses and repeats nothing while us drains', async (region, name, most) => {
    for (let nth = 1; nth <= most; nth += 1) {
      [world, all] = [new World({ latencyMs: 0, stepMs: 1_000 }), []];
      const hasDied = await drain(region, { name, nth, when });
      expect(world.record('us')).toMatchObject({ state: 'drained', share: 0 });
      expectExactlyOnce();
      world.stop();
      if (!hasDied) break;
    }
  });
});
