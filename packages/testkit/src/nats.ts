import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNatsServer, launchNats, type RunningNats } from '@waybill/nats-server';
import { connectBus, provision, regionTopology, type TopologyOptions } from '@waybill/transport';

/** A real nats-server for one test file, on a free port and a folder of its own. */
export interface TestNats {
  readonly url: string;
  readonly pid: number;
  readonly storeDir: string;
  /** SIGTERM; the folder stays until `cleanup`. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder, after `stop` or `kill`. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  cleanup(): Promise<void>;
}

export interface TestNatsOptions {
  /** Also provisions this region. */
  readonly region?: string;
  readonly topology?: TopologyOptions;
  readonly maxFileStoreBytes?: number;
}

/** Starts a nats-server; it is found as users find it. */
export async function startNats(options: TestNatsOptions = {}): Promise<TestNats> {
  const { binary } = await findNatsServer();
  const folder = await mkdtemp(join(tmpdir(), 'waybill-nats-'));
  const domain = options.region ?? 'local';
  const launch = (port: number): Promise<RunningNats> => {
    const limit = options.maxFileStoreBytes === undefined ? {} : { maxFileStoreBytes: options.maxFileStoreBytes };
    return launchNats({ binary, folder, config: { serverName: `test-${domain}`, domain, port, ...limit } });
  };
  let running = await launch(0);
  const { url, port, storeDir } = running;
  if (options.region !== undefined) await provisionRegion(url, options.region, options.topology);
  return {
    url,
    storeDir,
    get pid() {
      return running.pid;
    },
    stop: () => running.stop(),
    kill: () => running.kill(),
    restart: async () => {
      running = await launch(port);
    },
    cleanup: async () => {
      await running.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
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
