import type { ServerAccount } from '../launch/accounts-config.ts';
import type { Secret } from '../launch/config-language.ts';
import type { ClusterSettings, LeafRemote } from '../launch/links-config.ts';
import type { ServerSettings } from '../launch/server-config.ts';
import { type DeployedServer, type Deployment, HUB } from './deployment.ts';
import { hubUsers, linkUser } from './hub-users.ts';
import { type RegionPlace, regionUsers } from './region-users.ts';
import type { UserPermissions } from './user-permissions.ts';

const ACCOUNT = 'WB';
const SYSTEM = 'SYS';
const SYSTEM_USER = 'sys';
/** As whom the servers of one site connect to each other. */
const CLUSTER_USER = 'cluster';

/** A user that needs a password: `key` is where `Deployment.passwords` has it. */
export interface DeploymentUser {
  readonly key: string;
  /** The region's id, or `hub`. */
  readonly place: string;
  readonly user: string;
  readonly purpose: string;
}

/** Where a deployment keeps the password of a user of a region's servers, or of the hub's (`place` is `hub`). */
export const passwordKey = (place: string, user: string): string => `${place}/${user}`;

const idsOf = ({ regions }: Deployment): string[] => regions.map(({ id }) => id);

/** The domain of the control bucket: the hub's, or the region's own while there is no hub. */
export const controlDomainOf = (deployment: Deployment, region: string): string => (deployment.hub.length === 0 ? region : HUB);

const placeOf = (deployment: Deployment, region: string): RegionPlace => ({
  region,
  peers: idsOf(deployment).filter((id) => id !== region),
  controlDomain: controlDomainOf(deployment, region),
});

const usersAt = (deployment: Deployment, place: string): UserPermissions[] =>
  place === HUB ? hubUsers(idsOf(deployment)) : regionUsers(placeOf(deployment, place));

/** Every user of a deployment, to give each a password. */
export function deploymentUsers(deployment: Omit<Deployment, 'passwords'>): DeploymentUser[] {
  const whole = { ...deployment, passwords: {} };
  const places = [...(deployment.hub.length === 0 ? [] : [HUB]), ...idsOf(whole)];
  return places.flatMap((place) => [
    ...usersAt(whole, place).map(({ user, purpose }) => ({ key: passwordKey(place, user), place, user, purpose })),
    { key: passwordKey(place, SYSTEM_USER), place, user: SYSTEM_USER, purpose: 'the server’s own events' },
    ...(serversAt(whole, place).length < 2
      ? []
      : [{ key: passwordKey(place, CLUSTER_USER), place, user: CLUSTER_USER, purpose: 'links the servers of one site' }]),
  ]);
}

const serversAt = ({ hub, regions }: Deployment, place: string): readonly DeployedServer[] =>
  place === HUB ? hub : (regions.find(({ id }) => id === place)?.servers ?? []);

function passwordOf({ passwords }: Deployment, place: string, user: string): Secret {
  const found = passwords[passwordKey(place, user)];
  if (found === undefined) throw new Error(`the deployment has no password ${passwordKey(place, user)}`);
  return found;
}

function accounts(deployment: Deployment, place: string): ServerAccount[] {
  const password = (user: string): Secret => passwordOf(deployment, place, user);
  const users = usersAt(deployment, place).map(({ user, permissions, entrance }) => ({
    user,
    password: password(user),
    permissions,
    entrance,
  }));
  return [
    { name: SYSTEM, jetStream: false, users: [{ user: SYSTEM_USER, password: password(SYSTEM_USER), entrance: 'client' }] },
    { name: ACCOUNT, jetStream: true, users },
  ];
}

const serverName = (place: string, index: number): string => `${place}-${index + 1}`;

interface Login {
  readonly user: string;
  readonly password: Secret;
}

/** A URL with its login. The server replaces variables by whole values only, so a password from the environment means the whole URL is. */
function urlOf(name: string, where: { readonly host: string; readonly port: number | undefined }, { user, password }: Login): Secret {
  if (typeof password !== 'string') return { env: `${password.env}_URL_${name.toUpperCase().replaceAll('-', '_')}` };
  return `nats://${user}:${encodeURIComponent(password)}@${where.host}:${where.port}`;
}

function clusterOf(deployment: Deployment, place: string, server: DeployedServer): ClusterSettings {
  const login = { user: CLUSTER_USER, password: passwordOf(deployment, place, CLUSTER_USER) };
  const routes = serversAt(deployment, place).map(({ host, clusterPort }, index) =>
    urlOf(serverName(place, index), { host, port: clusterPort }, login),
  );
  return { name: place, port: server.clusterPort ?? 0, routes, login };
}

function common(deployment: Deployment, place: string, index: number): ServerSettings {
  const servers = serversAt(deployment, place);
  const server = servers[index];
  if (server === undefined) throw new Error(`${place} has ${servers.length} servers, none with index ${index}`);
  const isProduction = deployment.mode === 'production';
  return {
    serverName: serverName(place, index),
    listenHost: server.listenHost ?? (isProduction ? '0.0.0.0' : '127.0.0.1'),
    port: server.port,
    storeDir: server.storeDir,
    domain: place,
    ...(server.monitorPort === undefined ? {} : { monitorPort: server.monitorPort }),
    ...(isProduction ? { syncInterval: 'always' as const } : {}),
    ...(servers.length > 1 ? { cluster: clusterOf(deployment, place, server) } : {}),
    accounts: accounts(deployment, place),
    systemAccount: SYSTEM,
  };
}

/** The settings of one node of the hub. `index` counts from 0. Throws when the deployment has no such node, or lacks a password. */
export function hubConfig(deployment: Deployment, index: number): ServerSettings {
  const settings = common(deployment, HUB, index);
  return { ...settings, leafnodes: { listen: { port: deployment.hub[index]?.leafPort ?? 0 } } };
}

/**
 * The settings of one server of a region. `index` counts from 0. Without a hub it has no link; written again with one and reloaded (SIGHUP), the
 * running server joins. Throws when the deployment has no such server, or lacks a password.
 */
export function regionConfig(deployment: Deployment, region: string, index: number): ServerSettings {
  const settings = common(deployment, region, index);
  if (deployment.hub.length === 0) return settings;
  return { ...settings, leafnodes: { remotes: [{ account: ACCOUNT, urls: linkUrls(deployment, region, index) }] } };
}

/**
 * The hub's nodes in the order in which a server tries them: its own site's first; the further servers of a region begin at another one each, so
 * that the loss of one node does not cut all of them off for a moment.
 */
function linkUrls(deployment: Deployment, region: string, index: number): LeafRemote['urls'] {
  const nodes = deployment.hub.map((node, position) => ({ node, name: serverName(HUB, position) }));
  const own = Math.max(
    0,
    nodes.findIndex(({ node }) => node.site === region),
  );
  const first = (own + index) % nodes.length;
  const login = { user: linkUser(region), password: passwordOf(deployment, HUB, linkUser(region)) };
  return [...nodes.slice(first), ...nodes.slice(0, first)].map(({ node, name }) =>
    urlOf(name, { host: node.host, port: node.leafPort }, login),
  );
}
