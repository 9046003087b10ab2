import { startThrowawayNats, type ThrowawayNats } from '@waybill/nats-server';
import { RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bus, connectBus } from './bus.ts';
import { provision } from './provision.ts';
import { regionTopology, type Topology } from './topology.ts';

const withStream = (topology: Topology, name: string, change: object): Topology => ({
  ...topology,
  streams: topology.streams.map((stream) => (stream.name === name ? { ...stream, ...change } : stream)),
});

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
    expect((await provision(bus, wanted)).map(({ action }) => action)).toEqual(Array(7).fill('unchanged'));
  });

  it('changes what may change and says so', async () => {
    const steps = await provision(bus, regionTopology('local', { logMaxAgeDays: 3 }));
    expect(steps.filter(({ action }) => action === 'update')).toMatchObject([
      { what: 'stream LOG_LOCAL', changes: [expect.stringContaining('max_age')] },
    ]);
    expect((await bus.jsm.streams.info('LOG_LOCAL')).config.max_age).toBe(3 * 86_400e9);
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
