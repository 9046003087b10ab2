import { HUB } from '@waybill/nats-server';
import type { Bus, RegionSteps, TopologyOptions } from '@waybill/transport';
import { connectTo, type Installation, placesOf } from './installation.ts';

export interface ProvisionAllOptions {
  /** Default of `replicas`: 3 in production, else 1. */
  readonly topology: Omit<TopologyOptions, 'peers'>;
  /** Only tells what would be done. */
  readonly dryRun?: boolean;
  /** Only this region, or only the hub (`hub`). */
  readonly only?: string | undefined;
  /** Ends the wait for servers that are away. */
  readonly signal?: AbortSignal;
}

const MOST_COPIES = 3;

/**
 * Makes the streams and consumers of all regions, and the control bucket, what they should be. Waits for servers that are away, and tells so. Throws
 * what provisioning refuses, before anything is changed.
 */
export async function provisionAll(
  installation: Installation,
  options: ProvisionAllOptions,
  tell: (line: string) => void,
): Promise<RegionSteps[]> {
  const places = placesOf(installation.deployment).filter((place) => options.only === undefined || place === options.only);
  if (places.length === 0) throw new Error(`there is no region "${options.only}"; there are ${idsOf(installation).join(', ')}`);
  const { signal } = options;
  return withProvisioners(installation, { places, tell, signal }, (buses) => provisionPlaces(installation, buses, options));
}

/** Where to connect to, and what to tell while that takes long. */
export interface Provisioners {
  readonly places: readonly string[];
  readonly tell: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Connects to places as whoever provisions there, does something, and closes the connections. */
export async function withProvisioners<T>(
  installation: Installation,
  { places, tell, signal: given }: Provisioners,
  use: (buses: ReadonlyMap<string, Bus>) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const signal = given === undefined ? ending.signal : AbortSignal.any([given, ending.signal]);
  const buses = new Map<string, Bus>();
  const open = async (place: string): Promise<void> => {
    const user = place === HUB ? 'admin' : 'provisioner';
    const bus = await connectTo(installation, { place, user, onWaiting: tell, signal });
    buses.set(place, bus);
    if (signal.aborted) await bus.close();
  };
  try {
    await Promise.all(places.map(open));
    return await use(buses);
  } finally {
    ending.abort();
    await Promise.all([...buses.values()].map((bus) => bus.close()));
  }
}

const idsOf = ({ deployment }: Installation): string[] => deployment.regions.map(({ id }) => id);

async function provisionPlaces(
  installation: Installation,
  buses: ReadonlyMap<string, Bus>,
  { topology, dryRun = false }: ProvisionAllOptions,
): Promise<RegionSteps[]> {
  const { provision, provisionRegions, regionTopology } = await import('@waybill/transport');
  const { mode, hub: nodes } = installation.deployment;
  const all = idsOf(installation);
  const chosen = { replicas: mode === 'production' ? MOST_COPIES : 1, ...topology };
  // In the deployment's order, not in that in which connections came up.
  const regions = all.flatMap((id) => {
    const bus = buses.get(id);
    return bus === undefined ? [] : [{ id, bus }];
  });
  const hub = buses.get(HUB);
  if (hub !== undefined)
    return provisionRegions(regions, hub, { ...chosen, all, controlReplicas: Math.min(nodes.length, MOST_COPIES), dryRun });
  const one = async (id: string, bus: Bus): Promise<RegionSteps> => {
    const peers = all.filter((other) => other !== id);
    return { place: id, steps: await provision(bus, regionTopology(id, { ...chosen, peers }), { dryRun }) };
  };
  return Promise.all(regions.map(({ id, bus }) => one(id, bus)));
}
