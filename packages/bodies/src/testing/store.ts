import { startThrowawayNats, type ThrowawayNats } from '@waybill/nats-server';
import { createLogger } from '@waybill/runtime';
import { type Bus, connectBus, provision, Publisher, regionTopology, type TopologyOptions } from '@waybill/transport';
import { Bodies, type BodiesOptions } from '../bodies.ts';

/** One server that has the buckets of several regions, and a connection to it. */
export interface Store {
  readonly nats: ThrowawayNats;
  readonly bus: Bus;
  readonly publisher: Publisher;
  /** A process of that region, unless `change` says otherwise one that writes and keeps copies. */
  bodies(region: string, change?: Partial<BodiesOptions>): Bodies;
  cleanup(): Promise<void>;
}

export async function startStore(regions: Readonly<Record<string, TopologyOptions>>): Promise<Store> {
  const nats = await startThrowawayNats();
  const bus = await connectBus({ servers: nats.url, name: 'bodies-spec' });
  const peersOf = (region: string): string[] => Object.keys(regions).filter((other) => other !== region);
  for (const [region, options] of Object.entries(regions)) {
    const { streams } = regionTopology(region, { ...options, peers: peersOf(region) });
    await provision(bus, { streams: streams.filter(({ name }) => name.startsWith('OBJ_')), consumers: [] });
  }
  const publisher = new Publisher(bus);
  return {
    nats,
    bus,
    publisher,
    bodies: (region, change = {}) =>
      new Bodies({
        bus,
        region,
        peers: peersOf(region),
        askPeer: async () => ({ kind: 'absent' }),
        publish: publisher.publish,
        keepsCopies: true,
        maxBytesInMemory: 100_000_000,
        logger: createLogger({ service: 'test', region, level: 'silent' }),
        nowMs: () => Date.now(),
        ...change,
      }),
    cleanup: async () => {
      publisher.close();
      await bus.close();
      await nats.cleanup();
    },
  };
}
