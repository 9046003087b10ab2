import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { World, type WorldOptions } from './testing/world.ts';

let world: World;
function open(options?: WorldOptions): void {
  world = new World(options);
  for (const region of world.options.regions) world.start(region);
}
const moments = (nth: number) => world.told[nth]?.moments.map(({ moment }) => moment);

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-21T10:00:00.000Z') });
});
afterEach(() => {
  world.stop();
  vi.useRealTimers();
});

it('a takeover is told of once, from the moment when the lease was seen to have run out until all that was owed was looked at', async () => {
  open({ automatic: true });
  await world.pass(5_000);
  world.kill('us');
  world.plan('us', 'us');
  await world.pass(40_000);
  expect(world.begun).toEqual(['us eu']);
  expect(world.told).toMatchObject([{ of: 'us', epoch: 2, isCaughtUp: true, taken: 1 }]);
  expect(moments(0)).toEqual(['detect', 'fence', 'route', 'verify']);
  const [first, ...later] = world.told[0]?.moments.map(({ atMs }) => atMs) ?? [];
  expect(first).toBe(Date.parse(world.record('us').since));
  expect(later.toSorted((one, other) => one - other)).toEqual(later);
});

it('a takeover that an operator asked for begins with his word, and that of a drained region when its last word is there', async () => {
  open();
  await world.pass(1_000);
  world.drain('us');
  await world.pass(30_000);
  expect(moments(0)).toEqual(['fence', 'drain', 'verify']);
  expect(world.told).toMatchObject([{ isCaughtUp: true, taken: 0 }]);
});

it('a takeover that ceased before it had caught up says so, and counts once however often it is begun', async () => {
  open();
  world.kill('us');
  world.fail('us');
  await world.pass(1_500);
  world.fail('eu');
  await world.pass(3_000);
  expect(world.told).toMatchObject([{ of: 'us', isCaughtUp: false, taken: 0 }]);
  world.activate('eu');
  await world.pass(300_000);
  expect(world.told).toMatchObject([{ isCaughtUp: false }, { of: 'us', isCaughtUp: true }]);
  expect(world.begun).toEqual(['us eu']);
});
