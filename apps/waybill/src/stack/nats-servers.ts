import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Deployment, HUB, hubConfig, regionConfig, renderServerConfig, type ServerSettings } from '@waybill/nats-server';
import { natsFolder, throughLinkPorts } from './local-deployment.ts';

/** The configuration of one server, as it belongs into its file. */
export interface ServerFile {
  /** A region's id, or the hub. */
  readonly place: string;
  /** `node-1` at the hub, `nats` in a region. */
  readonly name: string;
  readonly file: string;
  readonly text: string;
  /** The account that owns its streams. */
  readonly account: string;
}

/** Leaf ports that a region's server dials instead of the hub's own, in the order of the hub's nodes; by region. */
export type LinkPorts = Readonly<Record<string, readonly number[]>>;

/** The configuration of every server: the hub's nodes first, then one for each region. */
export function serverFiles(deployment: Deployment, dataDir: string, linkPorts: LinkPorts = {}): ServerFile[] {
  const nodes = deployment.hub.map((node, index) => ({
    place: HUB,
    name: `node-${index + 1}`,
    ...rendered(node.storeDir, hubConfig(deployment, index)),
  }));
  const regions = deployment.regions.map(({ id }) => {
    const folder = natsFolder(dataDir, id);
    const seen = throughLinkPorts(deployment, linkPorts[id]);
    return { place: id, name: 'nats', ...rendered(folder, settingsOf(seen, id, folder)) };
  });
  return [...nodes, ...regions];
}

/** A region on its own has no users and no links, as before there were several. */
function settingsOf(deployment: Deployment, region: string, folder: string): ServerSettings {
  if (deployment.hub.length > 0) return regionConfig(deployment, region, 0);
  const port = deployment.regions[0]?.servers[0]?.port ?? 0;
  return { serverName: `${region}-1`, domain: region, port, storeDir: folder };
}

/** The account of servers without users, and that of those that have some. */
const ACCOUNTS = ['$G', 'WB'] as const;

function rendered(folder: string, settings: ServerSettings): Pick<ServerFile, 'file' | 'text' | 'account'> {
  const account = settings.accounts?.find(({ jetStream }) => jetStream)?.name ?? ACCOUNTS[0];
  return { file: join(folder, 'nats-server.conf'), text: renderServerConfig(settings), account };
}

/** Writes a server's file, for the owner's eyes only. */
export function writeServerFile({ file, text }: ServerFile): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode: 0o600 });
}

/**
 * Lets a region keep its streams when its server gets users, or loses them: they lie in a folder named after their account. To be called while the
 * server is down. What the wanted account has already stays.
 */
export function keepStreams({ file, account }: ServerFile): void {
  const folder = join(dirname(file), 'jetstream');
  const before = ACCOUNTS.find((other) => other !== account && existsSync(join(folder, other)));
  if (before !== undefined && !existsSync(join(folder, account))) renameSync(join(folder, before), join(folder, account));
}
