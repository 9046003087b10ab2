import { type DeliveryId, deliveryIdOf, type DueDelivery, type EndpointId, newEventId, type TenantId } from '@waybill/contracts';
import { beforeEach, describe, expect, it } from 'vitest';
import { OwnOutput } from '../own-output.ts';
import { OrderedLanes, type ReadOrdered } from './ordered-lanes.ts';

const [tenantId, endpointId] = ['acme' as TenantId, 'ep_1' as EndpointId];
const nth = (n: number): DueDelivery => {
  const eventId = newEventId(0, Buffer.from(String(n).padStart(10, '0')));
  const [plan, order] = [
    { stream: 'LOG_US', seq: n },
    { key: 'a', region: 'us', seq: n },
  ];
  return {
    v: 1,
    deliveryId: deliveryIdOf(eventId, endpointId),
    eventId,
    tenantId,
    endpointId,
    scope: 'g',
    attempt: 1,
    parked: 0,
    plan,
    order,
  };
};

let memory: OwnOutput;
let scheduled: DueDelivery[];
let handedOut: DueDelivery[];
let woken: DeliveryId[];
let timers: Set<() => void>;
let isWanted: boolean;
let lanes: OrderedLanes;

beforeEach(async () => {
  [memory, scheduled, handedOut, woken, timers, isWanted] = [new OwnOutput(), [], [], [], new Set(), true];
  const visiting =
    (dues: () => readonly DueDelivery[]): ReadOrdered =>
    async (visit) => {
      for (const due of dues()) visit(due);
    };
  lanes = new OrderedLanes({
    memory,
    readScheduled: visiting(() => scheduled),
    readHandedOut: visiting(() => handedOut),
    isWanted: () => isWanted,
    wake: async (deliveryId) => void woken.push(deliveryId),
    onFailure: (error) => {
      throw error;
    },
    mayWait: 64,
    waitMs: 1_000,
    after: (_ms, call) => {
      timers.add(call);
      return () => timers.delete(call);
    },
  });
});

/** Its message is handled; it finds that it is not first, and its schedule is stored. */
async function comesTooEarly(due: DueDelivery): Promise<void> {
  lanes.enter(due);
  const turn = lanes.turn(due);
  for (let n = 0; n < 5; n += 1) await Promise.resolve();
  for (const call of timers) call();
  expect(await turn).toBe('behind');
  scheduled.push({ ...due, order: due.order && { ...due.order, waits: true } });
  lanes.parked(due);
  lanes.leave(due);
}
async function isDelivered(due: DueDelivery): Promise<void> {
  lanes.enter(due);
  expect(await lanes.turn(due)).toBe('go');
  ends(due);
}
function ends(due: DueDelivery): void {
  memory.remember(due.deliveryId, { attempt: 1, next: { kind: 'delivered' } });
  lanes.over(due);
  lanes.leave(due);
}

describe('lanes', () => {
  it('do not wait for ever for one that ended so long ago that it was forgotten', async () => {
    handedOut.push(nth(1));
    await lanes.load();
    await comesTooEarly(nth(2));
    await lanes.verify();
    expect(woken).toEqual([]);
    await lanes.verify();
    expect(woken).toEqual([nth(2).deliveryId]);
    await lanes.verify();
    await isDelivered(nth(2));
    expect(lanes.size).toBe(0);
  });

  it('keep one that was handed out before the start and came again', async () => {
    handedOut.push(nth(1));
    await lanes.load();
    await comesTooEarly(nth(2));
    await lanes.verify();
    lanes.enter(nth(1));
    lanes.leave(nth(1));
    await lanes.verify();
    await lanes.verify();
    expect(woken).toEqual([]);
  });

  it('do not wait for one that another region has meanwhile, though its schedule is still here', async () => {
    scheduled.push(nth(1), nth(4));
    await lanes.load();
    await comesTooEarly(nth(2));
    memory.remember(nth(1).deliveryId, { attempt: 9, next: { kind: 'delivered' } });
    await isDelivered(nth(2));
    await comesTooEarly(nth(5));
    memory.remember(nth(4).deliveryId, { attempt: 9, next: { kind: 'delivered' } });
    await lanes.verify();
    await isDelivered(nth(5));
    expect([woken, lanes.size]).toEqual([[nth(5).deliveryId], 0]);
  });

  it('wake one at first, then more, where those woken waited in vain', async () => {
    await lanes.load();
    lanes.enter(nth(1));
    for (let n = 2; n <= 40; n += 1) await comesTooEarly(nth(n));
    ends(nth(1));
    expect(woken).toEqual([nth(2).deliveryId]);
    await isDelivered(nth(2));
    expect(woken).toEqual([2, 3, 4].map((n) => nth(n).deliveryId));
    for (let n = 3; n <= 6; n += 1) await isDelivered(nth(n));
    expect(woken).toHaveLength(21);
  });

  it('know nothing of endpoints without an order, until they have one', async () => {
    isWanted = false;
    scheduled.push(nth(1));
    await lanes.load();
    for (const n of [2, 3]) lanes.enter(nth(n));
    expect(lanes.size).toBe(0);
    isWanted = true;
    expect(await lanes.turn(nth(2))).toBe('go');
    expect(lanes.size).toBe(1);
    await comesTooEarly(nth(3));
  });
});
