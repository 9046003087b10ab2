import { accountsBlock, authorization, type ServerAccount, type ServerUser } from './accounts-config.ts';
import { address, block, line, quoted, seconds } from './config-language.ts';
import { type ClusterSettings, clusterBlock, leafBlock, type LeafSettings } from './links-config.ts';

/** What Waybill sets of one nats-server; all else stays at the server's defaults. */
export interface ServerSettings {
  /** Unique among servers that ever meet; must never be given to another server later. */
  readonly serverName: string;
  /** Default 127.0.0.1. */
  readonly listenHost?: string;
  /** 0 (the default) lets the server choose a free port; the launcher reports which. */
  readonly port?: number;
  /** JetStream keeps its files in the folder `jetstream` inside this one. */
  readonly storeDir: string;
  /** JetStream domain: the region's id, or `hub`. */
  readonly domain?: string;
  /** Largest message; default 8 MiB. */
  readonly maxPayloadBytes?: number;
  /** Default: the server takes three quarters of the free disk. */
  readonly maxFileStoreBytes?: number;
  /** Port of the monitoring pages (`/varz`, `/healthz`) on the same host; none by default. */
  readonly monitorPort?: number;
  /** `always` survives a power cut on its own and costs throughput; the server's default is two minutes. A kill loses nothing either way. */
  readonly syncInterval?: 'always' | `${number}${'s' | 'm'}`;
  /** A silent connection is given up after `pingIntervalMs` times `pingMax`. Defaults 5,000 and 2; whole seconds. */
  readonly pingIntervalMs?: number;
  readonly pingMax?: number;
  /** The server's own limit of 1,000 consumers per stream is not lifted by a stream's `max_consumers: -1` (nats-server 2.15.1). Default 4,096. */
  readonly maxConsumersPerStream?: number;
  /** Users that all see the same subjects; none: clients need no credentials. Not together with `accounts`. */
  readonly users?: readonly ServerUser[];
  readonly accounts?: readonly ServerAccount[];
  /** The account of the server's own events; by default one without users. */
  readonly systemAccount?: string;
  readonly cluster?: ClusterSettings;
  readonly leafnodes?: LeafSettings;
}

function jetStream(settings: ServerSettings): string[] {
  return block('jetstream', [
    `store_dir: ${quoted(settings.storeDir)}`,
    ...line('domain', settings.domain === undefined ? undefined : quoted(settings.domain)),
    ...line('max_file_store', settings.maxFileStoreBytes),
    ...line('sync_interval', settings.syncInterval === undefined ? undefined : quoted(settings.syncInterval)),
    ...block('limits', [`default_max_consumers: ${settings.maxConsumersPerStream ?? 4096}`]),
  ]);
}

function users(settings: ServerSettings): string[] {
  const { accounts = [], users: plain = [] } = settings;
  if (accounts.length === 0) return authorization(plain);
  if (plain.length > 0) throw new TypeError('users belong to the accounts once there are accounts');
  return accountsBlock(accounts, settings.systemAccount);
}

/** The configuration file of one server. Pure; throws TypeError on text the file cannot hold. Checked with `nats-server -t`, 2.15.1. */
export function renderServerConfig(settings: ServerSettings): string {
  const host = settings.listenHost ?? '127.0.0.1';
  const lines = [
    `server_name: ${quoted(settings.serverName)}`,
    `listen: ${address(host, settings.port ?? 0)}`,
    ...line('http', settings.monitorPort === undefined ? undefined : address(host, settings.monitorPort)),
    `max_payload: ${settings.maxPayloadBytes ?? 8 * 1024 * 1024}`,
    `ping_interval: ${seconds(settings.pingIntervalMs ?? 5_000)}`,
    `ping_max: ${settings.pingMax ?? 2}`,
    ...jetStream(settings),
    ...(settings.cluster === undefined ? [] : clusterBlock(host, settings.cluster)),
    ...(settings.leafnodes === undefined ? [] : leafBlock(host, settings.leafnodes)),
    ...users(settings),
  ];
  return `${lines.join('\n')}\n`;
}
