import { eventually, type Receiver, startReceiver } from '@waybill/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EU, LinkedRegions, US } from './testing/linked-regions.ts';

let regions: LinkedRegions;
let receiver: Receiver;

beforeAll(async () => {
  regions = await LinkedRegions.start();
  receiver = await startReceiver();
});
afterAll(async () => {
  await regions.stop();
  await receiver.close();
});

const timesOf = (eventId: string) => receiver.requests.filter(({ headers }) => headers['webhook-id'] === eventId).length;

it('a region whose dispatcher is gone is stood in for, and when it is back it delivers what is left, once', async () => {
  const env = { FAILOVER_ENABLED: 'true', RECOVERY_STEP_SECONDS: '1' };
  const movable = await regions.tenant(US, receiver.url);
  const strict = await regions.tenant(US, receiver.url, { home: US, residency: 'strict' });
  const us = await regions.dispatcher({ ...env, DISPATCHER_REGIONS: US });
  await regions.dispatcher({ ...env, DISPATCHER_REGIONS: EU });
  const before = await regions.plan(US, movable);
  await eventually(() => timesOf(before) === 1);
  await us.close();
  const meanwhile = await Promise.all(Array.from({ length: 20 }, () => regions.plan(US, movable)));
  const atHome = await regions.plan(US, strict);
  await eventually(() => meanwhile.every((eventId) => timesOf(eventId) === 1), 60_000);
  expect(timesOf(atHome)).toBe(0);
  const back = await regions.dispatcher({ ...env, DISPATCHER_REGIONS: US });
  await eventually(async () => {
    const report = await (await fetch(`${back.url}/health/ready`)).text();
    return report.includes('"region us":{"ok":true}');
  }, 60_000);
  const after = await regions.plan(US, movable);
  await eventually(() => timesOf(after) === 1 && timesOf(atHome) === 1);
  expect([before, ...meanwhile].map(timesOf)).toEqual(Array.from({ length: 21 }, () => 1));
}, 180_000);
