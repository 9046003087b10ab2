import { startThrowawayNats, type ThrowawayNats } from '@waybill/nats-server';
import { connectBus, provision, regionTopology, type TopologyOptions } from '@waybill/transport';

/** A real nats-server for one test file, on a free port and a folder of its own. */
export type TestNats = ThrowawayNats;

export interface TestNatsOptions {
  /** Also provisions this region. */
  readonly region?: string;
  readonly topology?: TopologyOptions;
  readonly maxFileStoreBytes?: number;
}

/** Starts a nats-server, and makes it a region when one is named. */
export async function startNats(options: TestNatsOptions = {}): Promise<TestNats> {
  const limit = options.maxFileStoreBytes === undefined ? {} : { maxFileStoreBytes: options.maxFileStoreBytes };
  const nats = await startThrowawayNats({ domain: options.region ?? 'local', ...limit });
  if (options.region !== undefined) await provisionRegion(nats.url, options.region, options.topology);
  return nats;
}

/** Makes the streams and consumers of a region, as `waybill provision` does. */
export async function provisionRegion(url: string, region: string, topology?: TopologyOptions): Promise<void> {
  const bus = await connectBus({ servers: url, name: 'testkit' });
  try {
    await provision(bus, regionTopology(region, topology));
  } finally {
    await bus.close();
  }
}
