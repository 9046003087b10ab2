import 'reflect-metadata';
import { Controller, type INestMicroservice, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CONSUMERS, streamNames, subjects } from '@waybill/contracts';
import { KeepErrorFilter } from '@waybill/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bus, connectBus } from './bus.ts';
import type { Incoming } from './incoming.ts';
import { JetStreamStrategy, type MessageSource, OnMessage } from './jetstream.strategy.ts';
import { Publisher } from './publisher.ts';
import { eventually, provisionRegion, silent, startRegion, type ThrowawayNats } from './testing/region.ts';

const HANDLE = Symbol('handle');
type Handle = (message: Incoming) => unknown;

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

/** One region with its own server, bus and publisher. */
class Region {
  readonly id: string;
  readonly nats: ThrowawayNats;
  readonly bus: Bus;
  readonly #publisher: Publisher;
  #appended = 0;

  private constructor(id: string, nats: ThrowawayNats, bus: Bus) {
    this.id = id;
    this.nats = nats;
    this.bus = bus;
    this.#publisher = new Publisher(bus);
  }

  static async open(id: string): Promise<Region> {
    const nats = await startRegion(id);
    return new Region(id, nats, await connectBus({ servers: nats.url, name: 'sources-spec' }));
  }

  get source(): MessageSource {
    const { log } = streamNames(this.id);
    return { bus: this.bus, bindings: [{ pattern: 'event.accepted', stream: log, durable: CONSUMERS.planner, concurrency: 2 }] };
  }

  async append(count: number): Promise<void> {
    const subject = subjects.fact(this.id, 'g', 'event.accepted');
    for (let index = 0; index < count; index += 1) {
      await this.#publisher.publish({ subject, body: '{}', msgId: `${this.id}-${(this.#appended += 1)}` });
    }
  }

  async unsettled(): Promise<number> {
    const { num_ack_pending, num_pending } = await this.bus.jsm.consumers.info(streamNames(this.id).log, CONSUMERS.planner);
    return num_ack_pending + num_pending;
  }

  async close(): Promise<void> {
    this.#publisher.close();
    await this.bus.close();
    await this.nats.cleanup();
  }
}

/** More than the half minute after which the client looks for a consumer again. */
const PATIENT_MS = 60_000;

describe('the sources of a JetStream strategy', () => {
  let us: Region;
  let eu: Region;
  let app: INestMicroservice;
  let strategy: JetStreamStrategy;
  const box: { handle: Handle } = { handle: () => ({ kind: 'done' }) };
  const seen = (): Map<string, number> => {
    const counts = new Map<string, number>();
    box.handle = ({ stream }) => {
      counts.set(stream, (counts.get(stream) ?? 0) + 1);
      return { kind: 'done' };
    };
    return counts;
  };

  beforeEach(async () => {
    [us, eu] = await Promise.all([Region.open('us'), Region.open('eu')]);
    strategy = new JetStreamStrategy({ logger: silent(), onPoison: async () => undefined, drainMs: 5_000 });
    @Module({ controllers: [Handler], providers: [{ provide: HANDLE, useValue: box }] })
    class TestModule {}
    app = await NestFactory.createMicroservice(TestModule, { strategy, logger: false });
    app.useGlobalFilters(new KeepErrorFilter(silent()));
  });
  afterEach(async () => {
    await app.close();
    await Promise.all([us.close(), eu.close()]);
  });

  it('may come before it listens and after', async () => {
    const counts = seen();
    const early = strategy.attach(us.source);
    await app.listen();
    await early;
    await strategy.attach(eu.source);
    await Promise.all([us.append(5), eu.append(5)]);
    await eventually(() => counts.get('LOG_US') === 5 && counts.get('LOG_EU') === 5);
    await eventually(async () => (await us.unsettled()) + (await eu.unsettled()) === 0);
  });

  it('leaves the others alone when one cannot start, and may be tried again', async () => {
    const counts = seen();
    await app.listen();
    await us.bus.jsm.streams.delete('LOG_US');
    const [failed] = await Promise.allSettled([strategy.attach(us.source), strategy.attach(eu.source)]);
    expect(failed).toMatchObject({ status: 'rejected', reason: { code: 'WB_TOPOLOGY_MISSING' } });
    await eu.append(3);
    await eventually(() => counts.get('LOG_EU') === 3);
    await provisionRegion(us.nats.url, 'us');
    await strategy.attach(us.source);
    await us.append(1);
    await eventually(() => counts.get('LOG_US') === 1);
  });

  it('goes on with one while the server of another hangs, also to its end', async () => {
    const counts = seen();
    await app.listen();
    const hanging = await strategy.attach(us.source);
    await strategy.attach(eu.source);
    process.kill(us.nats.pid, 'SIGSTOP');
    await eu.append(20);
    await eventually(() => counts.get('LOG_EU') === 20);
    await hanging.detach();
    await eu.append(1);
    await eventually(async () => counts.get('LOG_EU') === 21 && (await eu.unsettled()) === 0);
    process.kill(us.nats.pid, 'SIGCONT');
  });

  it('detaches one: what runs is finished, the rest given back, the other goes on', async () => {
    const begun: string[] = [];
    const { promise: mayFinish, resolve: finish } = Promise.withResolvers<void>();
    box.handle = async ({ stream }) => {
      begun.push(stream);
      if (stream === 'LOG_US') await mayFinish;
      return { kind: 'done' };
    };
    await app.listen();
    const attached = await strategy.attach(us.source);
    await strategy.attach(eu.source);
    await us.append(6);
    await eventually(() => begun.length === 2);
    const detached = Promise.all([attached.detach(), attached.detach()]);
    finish();
    await detached;
    await eventually(async () => (await us.unsettled()) === 4);
    await eu.append(1);
    await eventually(() => begun.at(-1) === 'LOG_EU');
    expect(begun.filter((stream) => stream === 'LOG_US').length).toBe(2);
    await strategy.attach(us.source);
    await eventually(async () => (await us.unsettled()) === 0);
  });

  it('says that a consumer is gone, and that it is back', async () => {
    const counts = seen();
    await app.listen();
    const attached = await strategy.attach(us.source);
    await us.bus.jsm.consumers.delete('LOG_US', CONSUMERS.planner);
    await eventually(() => attached.failure !== undefined, PATIENT_MS);
    await provisionRegion(us.nats.url, 'us');
    // The client looks again when it has missed heartbeats, which takes half a minute; a new connection mostly does it at once.
    await us.nats.kill();
    await eventually(() => !us.bus.isUp());
    await us.nats.restart();
    await eventually(() => us.bus.isUp());
    await us.append(1);
    await eventually(() => counts.get('LOG_US') === 1, PATIENT_MS);
    expect(attached.failure).toBeUndefined();
  }, 150_000);

  it('counts pulls that fail in a row, and looks again as often as it pulls', async () => {
    const counts = seen();
    await app.listen();
    const bindings = us.source.bindings.map((binding) => ({ ...binding, pullMs: 1_000 }));
    const attached = await strategy.attach({ ...us.source, bindings });
    await us.bus.jsm.consumers.delete('LOG_US', CONSUMERS.planner);
    await eventually(() => attached.failedPulls >= 3);
    await provisionRegion(us.nats.url, 'us');
    await us.append(1);
    await eventually(() => counts.get('LOG_US') === 1);
    expect([attached.failedPulls, attached.failure]).toEqual([0, undefined]);
  });

  it('says that it is not read any more when its connection is closed, and still detaches', async () => {
    await app.listen();
    const attached = await strategy.attach(us.source);
    await us.bus.close();
    await eventually(() => attached.failure?.includes('not read any more') === true);
    await attached.detach();
  });

  it('is refused once the strategy is closed', async () => {
    const never = strategy.attach(us.source);
    await app.close();
    await expect(never).rejects.toThrow('closed');
    await expect(strategy.attach(eu.source)).rejects.toThrow('closed');
  });
});
