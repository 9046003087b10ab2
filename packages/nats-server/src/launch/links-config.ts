import { address, block, item, line, list, quoted, type Secret, seconds, secret } from './config-language.ts';

/** Servers that share one JetStream: each names all of them in `routes`. */
export interface ClusterSettings {
  readonly name: string;
  readonly port: number;
  /** `nats://user:password@host:port` of the cluster ports, or variables that hold all of it; the own one may be among them. */
  readonly routes: readonly Secret[];
  /** What a server that wants in must know; the routes carry it. */
  readonly login: { readonly user: string; readonly password: Secret };
}

/** The side that other servers' leaf links come to. Clients never learn its address from it. */
export interface LeafListener {
  readonly port: number;
}

/** A link to another server as a leaf of it: one connection, to the first of `urls` that answers, in this order. */
export interface LeafRemote {
  /** The account here whose subjects the link shares. */
  readonly account: string;
  /** `nats://user:password@host:port`, or a variable that holds all of it. */
  readonly urls: readonly Secret[];
}

export interface LeafSettings {
  readonly listen?: LeafListener;
  readonly remotes?: readonly LeafRemote[];
}

/** How long a link that was lost waits before it is tried again. */
const RECONNECT_MS = 1_000;

export function clusterBlock(host: string, { name, port, routes, login }: ClusterSettings): string[] {
  return block('cluster', [
    `name: ${quoted(name)}`,
    `listen: ${address(host, port)}`,
    `authorization { user: ${quoted(login.user)}, password: ${secret(login.password)} }`,
    ...list('routes', routes.map(secret)),
  ]);
}

/** Without `no_randomize` the first URL would not be the first choice. */
function remoteBlock({ account, urls }: LeafRemote): string[] {
  return item([`account: ${quoted(account)}`, 'no_randomize: true', ...list('urls', urls.map(secret))]);
}

export function leafBlock(host: string, { listen, remotes = [] }: LeafSettings): string[] {
  return block('leafnodes', [
    ...line('listen', listen === undefined ? undefined : address(host, listen.port)),
    ...line('no_advertise', listen === undefined ? undefined : true),
    ...(remotes.length === 0 ? [] : [`reconnect: ${seconds(RECONNECT_MS)}`, ...list('remotes', remotes.flatMap(remoteBlock))]),
  ]);
}
