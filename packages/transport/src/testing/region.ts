import { startThrowawayNats, type ThrowawayNats } from '@waybill/nats-server';
import { createLogger, type Logger } from '@waybill/runtime';
import { vi } from 'vitest';
import { connectBus } from '../bus.ts';
import { provision } from '../provision.ts';
import { regionTopology, type TopologyOptions } from '../topology.ts';

export type { ThrowawayNats } from '@waybill/nats-server';

/** A real server with the streams of one region. (The testkit cannot be used here: it stands on this package.) */
export async function startRegion(region: string): Promise<ThrowawayNats> {
  const nats = await startThrowawayNats();
  await provisionRegion(nats.url, region);
  return nats;
}

export async function provisionRegion(url: string, region: string, options?: TopologyOptions): Promise<void> {
  const bus = await connectBus({ servers: url, name: 'provision' });
  await provision(bus, regionTopology(region, options));
  await bus.close();
}

export const eventually = (condition: () => boolean | Promise<boolean>, budgetMs = 20_000): Promise<boolean> =>
  vi.waitUntil(condition, { timeout: budgetMs, interval: 10 });

export const silent = (): Logger => createLogger({ service: 'test', region: 'test', level: 'silent' });
