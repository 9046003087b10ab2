import { startThrowawayNats, type ThrowawayNats } from '@waybill/nats-server';
import { type JsMsg, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { CONSUMERS, streamNames, subjects } from '@waybill/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bus, connectBus } from './bus.ts';
import { provision } from './provision.ts';
import { regionTopology, type Topology, type WantedConsumer } from './topology.ts';

const withStream = (topology: Topology, name: string, change: object): Topology => ({
  ...topology,
  streams: topology.streams.map((stream) => (stream.name === name ? { ...stream, ...change } : stream)),
});

/** One consumer for all plans, and a registry that took every key. */
function ofTheTimeBefore(topology: Topology): Topology {
  const plans = (config: WantedConsumer): WantedConsumer => ({ ...config, filter_subjects: ['wb.before.*.plan.made.before'] });
  return {
    streams: withStream(topology, 'KV_registry', { subjects: ['$KV.registry.>'] }).streams,
    consumers: topology.consumers
      .filter(({ config }) => config.durable_name !== CONSUMERS.dispatcherLocal)
      .map((one) => (one.config.durable_name === CONSUMERS.dispatcherPlans ? { ...one, config: plans(one.config) } : one)),
  };
}

describe('provisioning', () => {
  let nats: ThrowawayNats;
  let bus: Bus;
  const wanted = regionTopology('local');

  beforeAll(async () => {
    nats = await startThrowawayNats();
    bus = await connectBus({ servers: nats.url, name: 'provision-spec' });
  });
  afterAll(async () => {
    await bus.close();
    await nats.cleanup();
  });

  it('only tells when asked to, then creates, then finds nothing to do', async () => {
    expect((await provision(bus, wanted, { dryRun: true })).every(({ action }) => action === 'create')).toBe(true);
    await expect(bus.jsm.streams.info('LOG_LOCAL')).rejects.toThrow();
    await provision(bus, wanted);
    expect((await provision(bus, wanted)).map(({ action }) => action)).toEqual(
      Array(wanted.streams.length + wanted.consumers.length).fill('unchanged'),
    );
  });

  it('changes what may change and says so', async () => {
    const steps = await provision(bus, regionTopology('local', { logMaxAgeDays: 60 }));
    const updated = steps.filter(({ action }) => action === 'update');
    expect(updated).toContainEqual({ what: 'stream LOG_LOCAL', action: 'update', changes: [expect.stringContaining('max_age')] });
    expect((await bus.jsm.streams.info('LOG_LOCAL')).config.max_age).toBe(75 * 86_400e9);
    await provision(bus, wanted);
  });

  it.each([
    ['LOG_LOCAL', { storage: StorageType.Memory }],
    ['LOG_LOCAL', { retention: RetentionPolicy.Workqueue }],
    ['RETRY_LOCAL', { allow_msg_schedules: false }],
  ])('refuses to change %s to %j, with the remedy, and changes nothing else either', async (name, change) => {
    const mixed = withStream(withStream(wanted, name, change), 'KV_registry', { max_msgs_per_subject: 11 });
    await expect(provision(bus, mixed)).rejects.toMatchObject({
      code: 'WB_TOPOLOGY_IMMUTABLE',
      message: expect.stringMatching(/Remedy: /),
    });
    expect((await bus.jsm.streams.info('KV_registry')).config.max_msgs_per_subject).toBe(10);
  });

  it('refuses to change how a consumer acks', async () => {
    const consumers = wanted.consumers.map((one) => ({ ...one, config: { ...one.config, ack_policy: 'all' as const } }));
    await expect(provision(bus, { streams: wanted.streams, consumers })).rejects.toMatchObject({ code: 'WB_TOPOLOGY_IMMUTABLE' });
  });
});

describe('a deployment of the time before regions', () => {
  const region = 'before';
  const { log } = streamNames(region);
  const key = `$KV.registry.${region}.tenant.acme`;
  let nats: ThrowawayNats;
  let bus: Bus;

  const plans = async (count: number): Promise<JsMsg[]> => {
    const consumer = await bus.js.consumers.get(log, CONSUMERS.dispatcherPlans);
    const messages: JsMsg[] = [];
    for await (const message of await consumer.fetch({ max_messages: count, expires: 5_000 })) messages.push(message);
    return messages;
  };
  const registered = async (): Promise<string | undefined> =>
    (await bus.jsm.streams.getMessage('KV_registry', { last_by_subj: key }))?.string();

  beforeAll(async () => {
    nats = await startThrowawayNats();
    bus = await connectBus({ servers: nats.url, name: 'before-spec' });
    await provision(bus, ofTheTimeBefore(regionTopology(region)));
  });
  afterAll(async () => {
    await bus.close();
    await nats.cleanup();
  });

  it('is updated in place, and loses and repeats nothing', async () => {
    await bus.js.publish(key, 'acme');
    for (const body of ['done', 'held', 'new']) await bus.js.publish(subjects.plan(region, 'g', region), body, { msgID: body });
    const [done, held] = await plans(2);
    await done?.ackAck();

    await provision(bus, regionTopology(region));
    expect((await provision(bus, regionTopology(region))).filter(({ action }) => action !== 'unchanged')).toEqual([]);
    held?.nak();
    expect((await plans(2)).map((message) => message.string()).toSorted()).toEqual(['held', 'new']);
    expect((await bus.jsm.streams.info(log)).state.messages).toBe(3);
    expect(await registered()).toBe('acme');
    await bus.js.publish(key, 'changed');
    expect(await registered()).toBe('changed');
    await bus.js.publish(subjects.plan(region, 'l', region), 'strict', { msgID: 'strict' });
    expect(await (await bus.js.consumers.get(log, CONSUMERS.dispatcherLocal)).next({ expires: 5_000 })).not.toBeNull();
  });
});
