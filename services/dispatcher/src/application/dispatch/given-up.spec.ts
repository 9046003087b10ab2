import type { DispatchSettled } from '@waybill/contracts';
import { expect, it } from 'vitest';
import { DispatchProcess, MemoryWorld, START_MS } from './testing/dispatch-process.ts';
import { plannedDelivery } from './testing/planned.ts';

const away = { kind: 'unreached', detail: 'ECONNREFUSED' } as const;
const outcomesIn = (world: MemoryWorld): DispatchSettled['outcome'][] =>
  world.facts.flatMap((one) => (one.type === 'settled' ? [one.fact.outcome] : []));
const released = { kind: 'released', detail: 'ECONNREFUSED' };

it('says of a dispatch whose tries are used up that none follows, before the delivery ends, and makes it when an operator asks again', async () => {
  const world = new MemoryWorld();
  world.treatments.push(away, away, away);
  const process = new DispatchProcess(world);
  const plan = plannedDelivery(START_MS, 1);
  for (const attempt of [1, 2, 3]) {
    await process.work({ ...plan.due, attempt }, plan);
    world.nowMs += 30_000;
  }
  expect(outcomesIn(world)).toEqual([released, released, released, { ...released, givenUp: true }]);
  expect([process.steps.slice(-4), world.ends(plan.due.deliveryId)]).toEqual([
    ['call', 'settled', 'settled', 'attempted'],
    ['attempts_exhausted'],
  ]);
  const again = { ...plan.due, deliveryId: plannedDelivery(START_MS, 2).due.deliveryId };
  await process.work(again, plan, true);
  expect([world.effects(plan.target.key), outcomesIn(world).at(-1)?.kind]).toEqual([1, 'started']);
});

it('says it too when the last try found GitHub away before the call', async () => {
  const world = new MemoryWorld();
  world.consentIs = { kind: 'away', detail: 'ENOTFOUND' };
  world.nowMs += 120_000;
  const plan = plannedDelivery(START_MS, 1);
  await new DispatchProcess(world).work({ ...plan.due, attempt: 3 }, plan);
  expect(outcomesIn(world)).toEqual([{ kind: 'released', detail: 'ENOTFOUND', givenUp: true }]);
});

it('says nothing of the kind while tries are left', async () => {
  const world = new MemoryWorld();
  world.treatments.push(away);
  const plan = plannedDelivery(START_MS, 1);
  await new DispatchProcess(world).work(plan.due, plan);
  expect(outcomesIn(world)).toEqual([released]);
});
