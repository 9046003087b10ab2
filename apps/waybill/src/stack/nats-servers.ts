import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Deployment, HUB, hubConfig, regionConfig, renderServerConfig, type ServerSettings } from '@waybill/nats-server';
import { type Bus, connectBus, provision, provisionRegions, regionTopology, type TopologyOptions } from '@waybill/transport';
import { credentialAt, natsFolder, throughLinkPorts } from './local-deployment.ts';

/** A server's configuration file, ready to be started. */
export interface WrittenConfig {
  readonly place: string;
  readonly name: string;
  readonly file: string;
}

/** Leaf ports that a region's server dials instead of the hub's own, in the order of the hub's nodes; by region. */
export type LinkPorts = Readonly<Record<string, readonly number[]>>;

/** Writes the configuration of every server: the hub's nodes first, then one for each region. */
export function writeConfigs(deployment: Deployment, dataDir: string, linkPorts: LinkPorts = {}): WrittenConfig[] {
  const nodes = deployment.hub.map((node, index) => {
    const file = write(node.storeDir, hubConfig(deployment, index));
    return { place: HUB, name: `node-${index + 1}`, file };
  });
  const regions = deployment.regions.map(({ id }) => {
    const folder = natsFolder(dataDir, id);
    const seen = throughLinkPorts(deployment, linkPorts[id]);
    return { place: id, name: 'nats', file: write(folder, settingsOf(seen, id, folder)) };
  });
  return [...nodes, ...regions];
}

/** A region on its own has no users and no links, as before there were several. */
function settingsOf(deployment: Deployment, region: string, folder: string): ServerSettings {
  if (deployment.hub.length > 0) return regionConfig(deployment, region, 0);
  const port = deployment.regions[0]?.servers[0]?.port ?? 0;
  return { serverName: `${region}-1`, domain: region, port, storeDir: folder };
}

function write(folder: string, settings: ServerSettings): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'nats-server.conf');
  writeFileSync(file, renderServerConfig(settings), { mode: 0o600 });
  return file;
}

/** A connection that may change streams: to a region, or to the hub. */
export function connectProvisioner(deployment: Deployment, place: string, onWaiting?: (detail: string) => void): Promise<Bus> {
  const user = place === HUB ? 'admin' : 'provisioner';
  const servers = place === HUB ? deployment.hub : (deployment.regions.find(({ id }) => id === place)?.servers ?? []);
  return connectBus({
    servers: servers.map(({ host, port }) => `nats://${host}:${port}`).join(','),
    name: 'waybill-provision',
    inboxPrefix: `_INBOX_${place}.${user}`,
    ...credentialAt(deployment, place, user),
    ...(onWaiting === undefined ? {} : { onWaiting }),
  });
}

/** Makes the streams and consumers of all regions, and the control bucket, what they should be. */
export async function provisionAll(deployment: Deployment, options: TopologyOptions, tell: (line: string) => void): Promise<void> {
  const places = [...(deployment.hub.length === 0 ? [] : [HUB]), ...deployment.regions.map(({ id }) => id)];
  const buses = new Map(
    await Promise.all(places.map(async (place) => [place, await connectProvisioner(deployment, place, tell)] as const)),
  );
  try {
    const regions = [...buses].filter(([place]) => place !== HUB).map(([id, bus]) => ({ id, bus }));
    const [only] = regions;
    const hub = buses.get(HUB);
    if (hub !== undefined) await provisionRegions(regions, hub, { ...options, controlReplicas: deployment.hub.length });
    else if (only !== undefined) await provision(only.bus, regionTopology(only.id, options));
  } finally {
    await Promise.all([...buses.values()].map((bus) => bus.close()));
  }
}
