import { eventually, type Receiver, startReceiver } from '@waybill/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DispatchPlan, DispatchWorld, type Wanted } from './testing/dispatch-world.ts';
import { EU, type LinkedRegion, LinkedRegions, US } from './testing/linked-regions.ts';

let regions: LinkedRegions;
let receiver: Receiver;
let world: DispatchWorld;

beforeAll(async () => {
  regions = await LinkedRegions.start();
  receiver = await startReceiver();
  world = await DispatchWorld.start();
});
afterAll(async () => {
  await regions.stop();
  await receiver.close();
  await world.fake.close();
});

const dispatched = async (wanted: readonly Wanted[]): Promise<DispatchPlan> => {
  const plan = world.plan(US, wanted);
  await regions.planned(US, plan);
  return plan;
};
/** What another region said about a plan's deliveries as their ends. */
const endsOf = async (plan: DispatchPlan, by: LinkedRegion) =>
  (await regions.attempts(by, plan.eventId)).flatMap(({ next }) => (next.kind === 'retry' ? [] : [next.kind]));

const timesOf = (eventId: string) => receiver.requests.filter(({ headers }) => headers['webhook-id'] === eventId).length;

it('a region whose dispatcher is gone is stood in for, and when it is back it delivers what is left, once', async () => {
  const env = { ...world.env(), FAILOVER_ENABLED: 'true', RECOVERY_STEP_SECONDS: '1' };
  const movable = await regions.tenant(US, receiver.url);
  const strict = await regions.tenant(US, receiver.url, { home: US, residency: 'strict' });
  const us = await regions.dispatcher({ ...env, DISPATCHER_REGIONS: US });
  await regions.dispatcher({ ...env, DISPATCHER_REGIONS: EU });
  const before = await regions.plan(US, movable);
  const dispatchedBefore = await dispatched([{}]);
  await eventually(() => timesOf(before) === 1 && world.effects(dispatchedBefore) === 1);
  await us.close();
  // One call went out right before the region died, and nothing that it said of it has arrived.
  const lost = await dispatched([{ workflow: 'other.yml' }]);
  const started = await world.call(lost);
  const dispatchedMeanwhile = await dispatched([{}, { ref: 'release' }, { repository: 'beta/app' }]);
  const meanwhile = await Promise.all(Array.from({ length: 20 }, () => regions.plan(US, movable)));
  const atHome = await regions.plan(US, strict);
  await eventually(() => meanwhile.every((eventId) => timesOf(eventId) === 1), 60_000);
  expect(timesOf(atHome)).toBe(0);
  await eventually(async () => (await endsOf(lost, EU)).length === 1 && (await endsOf(dispatchedMeanwhile, EU)).length === 3, 60_000);
  expect((await regions.attempts(EU, lost.eventId)).at(-1)?.outcome).toMatchObject({ kind: 'accepted', run: { id: started } });
  const back = await regions.dispatcher({ ...env, DISPATCHER_REGIONS: US });
  await eventually(async () => {
    const report = await (await fetch(`${back.url}/health/ready`)).text();
    return report.includes('"region us":{"ok":true}');
  }, 60_000);
  const after = await regions.plan(US, movable);
  const dispatchedAfter = await dispatched([{}]);
  await eventually(() => timesOf(after) === 1 && timesOf(atHome) === 1);
  await eventually(async () => (await endsOf(dispatchedAfter, US)).length === 1);
  const plans = [dispatchedBefore, lost, dispatchedMeanwhile, dispatchedAfter];
  expect([plans.map((plan) => world.effects(plan)), world.fake.ledger.dispatches.length]).toEqual([[1, 1, 3, 1], 6]);
  expect([before, ...meanwhile].map(timesOf)).toEqual(Array.from({ length: 21 }, () => 1));
}, 180_000);
