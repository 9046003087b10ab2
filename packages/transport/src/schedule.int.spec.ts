import { CONSUMERS, type DeliveryId, streamNames } from '@waybill/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bus, connectBus } from './bus.ts';
import { Publisher } from './publisher.ts';
import { publishSchedule } from './schedule.ts';
import { eventually, startRegion, type ThrowawayNats } from './testing/region.ts';

const { retry } = streamNames('local');

describe('retry schedules', () => {
  let nats: ThrowawayNats;
  let bus: Bus;
  let publisher: Publisher;

  beforeAll(async () => {
    nats = await startRegion('local');
    bus = await connectBus({ servers: nats.url, name: 'schedule-spec' });
    publisher = new Publisher(bus);
  });
  afterAll(async () => {
    publisher.close();
    await bus.close();
    await nats.cleanup();
  });

  const schedule = (id: string, attempt: number, inMs: number): ReturnType<typeof publishSchedule> =>
    publishSchedule(publisher.publish, {
      region: 'local',
      deliveryId: id as DeliveryId,
      dueMs: Date.now() + inMs,
      attempt,
      body: `${id}:${attempt}`,
    });
  const due = async (count: number): Promise<string[]> => {
    const consumer = await bus.js.consumers.get(retry, CONSUMERS.dispatcherDue);
    const bodies: string[] = [];
    for (let got = 0; got < count; got += 1) {
      const message = await consumer.next({ expires: 10_000 });
      if (message === null) break;
      bodies.push(message.string());
      message.ack();
    }
    return bodies;
  };

  it('fires what is due, once, with its body', async () => {
    await Promise.all([schedule('dlv_a', 2, 600), schedule('dlv_b', 1, -5_000)]);
    expect((await due(2)).toSorted()).toEqual(['dlv_a:2', 'dlv_b:1']);
    await eventually(async () => (await bus.jsm.streams.info(retry)).state.messages === 0);
  });

  it('keeps one schedule a delivery: a new one replaces the old', async () => {
    await schedule('dlv_c', 2, 60_000);
    await schedule('dlv_c', 3, 300);
    expect(await due(1)).toEqual(['dlv_c:3']);
    await eventually(async () => (await bus.jsm.streams.info(retry)).state.messages === 0);
  });

  it('fires after a kill of the server what became due meanwhile', async () => {
    await schedule('dlv_d', 4, 400);
    await nats.kill();
    await eventually(() => !bus.isUp());
    await nats.restart();
    await eventually(() => bus.isUp());
    expect(await due(1)).toEqual(['dlv_d:4']);
  });
});
