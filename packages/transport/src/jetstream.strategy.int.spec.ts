import 'reflect-metadata';
import { Controller, type INestMicroservice, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { KeepErrorFilter } from '@waybill/runtime';
import { CONSUMERS, HEADERS, streamNames, subjects, traceparentOf, WaybillError } from '@waybill/contracts';
import { of } from 'rxjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bus, connectBus } from './bus.ts';
import type { Incoming } from './incoming.ts';
import { JetStreamStrategy, OnMessage } from './jetstream.strategy.ts';
import { Publisher } from './publisher.ts';
import { recorded } from './testing/recorded.ts';
import { eventually, silent, startRegion, type ThrowawayNats } from './testing/region.ts';

type Handle = (message: Incoming) => unknown;
const HANDLE = Symbol('handle');
const region = 'local';
const { log } = streamNames(region);

@Controller()
class Handler {
  readonly #box: { handle: Handle };
  constructor(@Inject(HANDLE) box: { handle: Handle }) {
    this.#box = box;
  }
  @OnMessage('event.accepted')
  on(message: Incoming): unknown {
    return this.#box.handle(message);
  }
}

describe('the JetStream strategy', () => {
  let nats: ThrowawayNats;
  let bus: Bus;
  let publisher: Publisher;
  let app: INestMicroservice;
  let poisoned: { seq: number; reason: string }[];
  let trace: ReturnType<typeof recorded>;
  const box: { handle: Handle } = { handle: () => ({ kind: 'done' }) };

  const start = async (concurrency = 8): Promise<void> => {
    const strategy = new JetStreamStrategy({
      bus,
      logger: silent(),
      bindings: [{ pattern: 'event.accepted', stream: log, durable: CONSUMERS.planner, concurrency }],
      onPoison: async ({ seq }, reason) => void poisoned.push({ seq, reason }),
      tracing: trace.tracing,
      region,
    });
    @Module({ controllers: [Handler], providers: [{ provide: HANDLE, useValue: box }] })
    class TestModule {}
    app = await NestFactory.createMicroservice(TestModule, { strategy, logger: false });
    app.useGlobalFilters(new KeepErrorFilter(silent()));
    await app.listen();
  };
  const append = async (count: number): Promise<void> => {
    const subject = subjects.fact(region, 'g', 'event.accepted');
    for (let index = 0; index < count; index += 1) await publisher.publish({ subject, body: String(index), msgId: `${Math.random()}` });
  };
  const unsettled = async (): Promise<number> => {
    const { num_ack_pending, num_pending } = await bus.jsm.consumers.info(log, CONSUMERS.planner);
    return num_ack_pending + num_pending;
  };

  beforeAll(async () => {
    nats = await startRegion(region);
  });
  afterAll(() => nats.cleanup());
  beforeEach(async () => {
    poisoned = [];
    trace = recorded();
    bus = await connectBus({ servers: nats.url, name: 'strategy-spec' });
    publisher = new Publisher(bus);
  });
  afterEach(async () => {
    await app.close();
    await eventually(async () => {
      const rest = await bus.jsm.consumers.info(log, CONSUMERS.planner);
      if (rest.num_ack_pending + rest.num_pending > 0) await bus.jsm.streams.purge(log);
      return rest.num_ack_pending + rest.num_pending === 0;
    });
    publisher.close();
    await bus.close();
  });

  it('acks what is done, whether it comes as value, promise or Observable', async () => {
    const seen: number[] = [];
    box.handle = ({ seq }) => {
      seen.push(seq);
      const done = { kind: 'done' };
      return [done, Promise.resolve(done), of(done)][seen.length % 3];
    };
    await start();
    await append(9);
    await eventually(async () => seen.length === 9 && (await unsettled()) === 0);
  });

  it('hands a message out again after the delay, with its count', async () => {
    const counts: number[] = [];
    box.handle = ({ deliveryCount }) => {
      counts.push(deliveryCount);
      return counts.length < 3 ? { kind: 'again', delayMs: 10 } : { kind: 'done' };
    };
    await start();
    await append(1);
    await eventually(async () => (await unsettled()) === 0);
    expect(counts).toEqual([1, 2, 3]);
  });

  it('records poison before it terms, and never sees it again', async () => {
    box.handle = () => ({ kind: 'poison', reason: 'not JSON' });
    await start();
    await append(1);
    await eventually(async () => (await unsettled()) === 0);
    expect(poisoned).toMatchObject([{ reason: 'not JSON' }]);
  });

  it('tells the handling of a message whose trace is recorded, below the place of who wrote it', async () => {
    const [parent, places] = [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }, new Set<unknown>()];
    box.handle = ({ trace: place, deliveryCount }) => {
      places.add(place);
      return deliveryCount === 1 ? { kind: 'again', delayMs: 10 } : { kind: 'poison', reason: 'not JSON' };
    };
    const body = { subject: subjects.fact(region, 'g', 'event.accepted'), body: '' };
    await publisher.publish({ ...body, msgId: `${Math.random()}`, headers: { [HEADERS.traceparent]: traceparentOf(parent) } });
    await start();
    await eventually(async () => (await unsettled()) === 0 && trace.spans.length === 2);
    const about = { name: 'process event.accepted', kind: 'consumer', parent, links: [parent] };
    expect(trace.spans).toMatchObject([
      { ...about, error: undefined, context: { traceId: parent.traceId, spanId: '0000000000000001' } },
      { ...about, error: 'poison', context: { traceId: parent.traceId, spanId: '0000000000000002' } },
    ]);
    expect([...places]).toEqual(trace.spans.map(({ context }) => context));
    expect(trace.spans[1]?.attributes).toMatchObject({
      'messaging.destination.template': 'wb.{region}.{scope}.event.accepted',
      'messaging.consumer.group.name': CONSUMERS.planner,
      'messaging.destination.name': log,
      'waybill.message.delivery_count': 2,
      'waybill.region.log': region,
    });
  });

  it('tries again after an expected error, with the error it was', async () => {
    let calls = 0;
    box.handle = () => {
      calls += 1;
      if (calls === 1) throw new WaybillError('WB_NATS_AWAY', 'no ack');
      return { kind: 'done' };
    };
    await start();
    await append(1);
    await eventually(async () => calls === 2 && (await unsettled()) === 0);
    expect(poisoned).toEqual([]);
  });

  it('runs no more handlers at once than it may', async () => {
    let running = 0;
    let most = 0;
    box.handle = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return { kind: 'done' };
    };
    await start(3);
    await append(30);
    await eventually(async () => (await unsettled()) === 0);
    expect(most).toBe(3);
  });

  it('finishes what runs when it closes, and gives the rest back', async () => {
    const begun: number[] = [];
    const finished: number[] = [];
    box.handle = async ({ seq }) => {
      begun.push(seq);
      await new Promise((resolve) => setTimeout(resolve, 300));
      finished.push(seq);
      return { kind: 'done' };
    };
    await append(6);
    await start(2);
    await eventually(() => begun.length === 2);
    await app.close();
    expect(finished).toEqual(begun);
    // The broker takes an answer in after it was sent.
    await eventually(async () => (await unsettled()) === 6 - finished.length);
    const { ack_floor: floor } = await bus.jsm.consumers.info(log, CONSUMERS.planner);
    expect(floor.consumer_seq).toBeGreaterThan(0);
  });

  it('goes on after the server was killed and came back', async () => {
    const seen = new Set<string>();
    box.handle = ({ body }) => {
      seen.add(Buffer.from(body).toString());
      return { kind: 'done' };
    };
    await start();
    await nats.kill();
    await eventually(() => !bus.isUp());
    await nats.restart();
    await eventually(() => bus.isUp());
    await append(5);
    await eventually(() => seen.size === 5);
  });

  it('refuses to start when its consumer was not provisioned', async () => {
    await start();
    const missing = new JetStreamStrategy({
      bus,
      logger: silent(),
      bindings: [{ pattern: 'event.accepted', stream: log, durable: 'nobody', concurrency: 1 }],
      onPoison: async () => undefined,
    });
    missing.addHandler('event.accepted', async () => undefined);
    const told = await new Promise((resolve) => void missing.listen(resolve));
    expect(told).toMatchObject({ code: 'WB_TOPOLOGY_MISSING' });
  });

  it('refuses two handlers for one kind of message', () => {
    const strategy = new JetStreamStrategy({ bus, logger: silent(), bindings: [], onPoison: async () => undefined });
    strategy.addHandler('x', async () => undefined);
    expect(() => strategy.addHandler('x', async () => undefined)).toThrow(/two handlers/);
  });
});
