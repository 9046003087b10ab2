import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Deployment, HUB, hubConfig, regionConfig, renderServerConfig, type ServerSettings } from '@waybill/nats-server';
import { natsFolder, throughLinkPorts } from './local-deployment.ts';

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
