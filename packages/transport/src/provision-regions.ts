import { peerConsumer, streamNames, WaybillError } from '@waybill/contracts';
import type { Bus } from './bus.ts';
import { domainApi } from './peer-topology.ts';
import { API_ERRORS, orMissing, provision, type ProvisionStep } from './provision.ts';
import { controlTopology, regionTopology, type Topology, type TopologyOptions } from './topology.ts';

/** A region and a connection to its servers that may make streams there. */
export interface ProvisionedRegion {
  readonly id: string;
  readonly bus: Bus;
}

export interface ProvisionRegionsOptions extends Omit<TopologyOptions, 'peers'> {
  /** All regions of the deployment, also those that are not provisioned now. Default: those given. */
  readonly all?: readonly string[];
  /** Copies of the control bucket: as many as the hub has servers, up to 3. Default 1. */
  readonly controlReplicas?: number;
  /** Only tells what would be done. */
  readonly dryRun?: boolean;
}

/** What was done in one place: a region's id, or `hub`. */
export interface RegionSteps {
  readonly place: string;
  readonly steps: readonly ProvisionStep[];
}

/**
 * Provisions regions that know each other: first what each has of its own with the consumers that feed its peers, then the copies of the peers'.
 * The control bucket is made in the hub, or in each region's own domain when there is none. All refusals (WB_TOPOLOGY_IMMUTABLE) are found
 * before anything is changed anywhere. May be run again at any time, also after it was interrupted, and after a region lost its stores.
 */
export async function provisionRegions(
  regions: readonly ProvisionedRegion[],
  hub: Bus | undefined,
  options: ProvisionRegionsOptions = {},
): Promise<RegionSteps[]> {
  const { all = regions.map(({ id }) => id), controlReplicas = 1, dryRun = false, ...chosen } = options;
  const control = controlTopology(controlReplicas);
  const wanted: Place[] = regions.map(({ id, bus }) => {
    const topology = regionTopology(id, { ...chosen, peers: all.filter((other) => other !== id) });
    return { place: id, bus, topology: hub === undefined ? joined(topology, control) : topology };
  });
  const places = hub === undefined ? wanted : [{ place: 'hub', bus: hub, topology: control }, ...wanted];
  const told = await Promise.all(
    places.map(async ({ place, bus, topology }) => ({ place, steps: await provision(bus, topology, { dryRun: true, patient: !dryRun }) })),
  );
  if (dryRun) return told;
  await Promise.all(places.map(({ bus, topology }) => provision(bus, withoutSources(topology))));
  await Promise.all(wanted.map((place) => rewindNewSources(regions, place)));
  await Promise.all(places.map(({ bus, topology }) => provision(bus, topology)));
  return told;
}

interface Place {
  readonly place: string;
  readonly bus: Bus;
  readonly topology: Topology;
}

const joined = (one: Topology, other: Topology): Topology => ({
  streams: [...one.streams, ...other.streams],
  consumers: [...one.consumers, ...other.consumers],
});

/** What does not depend on other regions. A stream that only has sources is left out, and its consumers. */
function withoutSources({ streams, consumers }: Topology): Topology {
  const own = streams
    .filter(({ subjects }) => subjects !== undefined)
    .map((stream) => {
      const alone = { ...stream };
      delete alone.sources;
      return alone;
    });
  const names = new Set(own.map(({ name }) => name));
  return { streams: own, consumers: consumers.filter(({ stream }) => names.has(stream)) };
}

/**
 * Makes `PEERS_<region>` anew from the other regions' LOGs, for one that is damaged or incomplete. Just deleting and making it would leave it empty
 * for ever, without an error: the origins' consumers go on after what they delivered before, so each is rewound first.
 * Every region must be given and reachable: else it throws (WB_TOPOLOGY_MISSING when one has no consumer for this region) and nothing is changed.
 * Interrupted, it can be run again. The region's dispatcher and projector must be stopped meanwhile; they read PEERS from its beginning afterwards.
 */
export async function rebuildPeers(
  regions: readonly ProvisionedRegion[],
  region: string,
  options: Omit<TopologyOptions, 'peers'> = {},
): Promise<void> {
  const own = regions.find(({ id }) => id === region);
  if (own === undefined) throw new WaybillError('WB_REGION_UNKNOWN', `region ${region}`);
  const origins = regions.filter(({ id }) => id !== region);
  const feeds = origins.map(({ id, bus }) => ({ bus, stream: streamNames(id).log, consumer: peerConsumer(region) }));
  await Promise.all([own.bus.nc.flush(), ...feeds.map(assertThere)]);
  await orMissing(own.bus.jsm.streams.delete(streamNames(region).peers), API_ERRORS.streamMissing);
  for (const { bus, stream, consumer } of feeds) await bus.jsm.consumers.reset(stream, consumer, 1);
  await provision(own.bus, regionTopology(region, { ...options, peers: origins.map(({ id }) => id) }));
}

/** What feeds another region's copy of a stream. */
interface Feed {
  readonly bus: Bus;
  readonly stream: string;
  readonly consumer: string;
}

async function assertThere({ bus, stream, consumer }: Feed): Promise<void> {
  await bus.jsm.consumers.info(stream, consumer).catch((cause: unknown) => {
    throw new WaybillError('WB_TOPOLOGY_MISSING', `consumer ${consumer} on ${stream}`, { cause });
  });
}

/**
 * Rewinds what will feed sources that are new. When a region's stores were lost, the origins' consumers stand where the old copies had come to, and
 * would leave out all before that, without an error. What a copy holds already, it does not take twice.
 */
async function rewindNewSources(regions: readonly ProvisionedRegion[], place: Place): Promise<void> {
  for (const { name, sources = [] } of place.topology.streams) {
    const present = sources.length === 0 ? undefined : await orMissing(place.bus.jsm.streams.info(name), API_ERRORS.streamMissing);
    const known = new Set(present?.config.sources?.map((source) => source.external?.api));
    for (const { name: stream, external, consumer } of sources) {
      const origin = regions.find(({ id }) => external?.api === domainApi(id));
      if (known.has(external?.api) || origin === undefined || consumer === undefined) continue;
      await origin.bus.jsm.consumers.reset(stream, consumer.name, 1);
    }
  }
}
