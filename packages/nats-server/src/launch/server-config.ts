/** One user of the server; without any, clients need no credentials. */
export interface ServerUser {
  readonly user: string;
  readonly password: string;
}

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
  readonly users?: readonly ServerUser[];
}

/** Such a name or path can only be a mistake, and the file would not survive it. */
const unprintable = /\p{Cc}/u;

/** A quoted string of the server's configuration language. Throws on control characters. */
export function quoted(text: string): string {
  if (unprintable.test(text)) throw new TypeError(`control characters cannot be configured: ${JSON.stringify(text)}`);
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

const line = (name: string, value: string | number | undefined): string[] => (value === undefined ? [] : [`${name}: ${value}`]);
const seconds = (ms: number): string => quoted(`${Math.max(1, Math.round(ms / 1000))}s`);

/** `host:port` as the server reads it: brackets around IPv6, -1 for "choose one". */
function address(host: string, port: number): string {
  return quoted(`${host.includes(':') ? `[${host}]` : host}:${port === 0 ? -1 : port}`);
}

function block(name: string, lines: readonly string[]): string[] {
  return [`${name} {`, ...lines.map((inner) => `  ${inner}`), '}'];
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

function authorization(users: readonly ServerUser[]): string[] {
  if (users.length === 0) return [];
  const entries = users.map(({ user, password }) => `{ user: ${quoted(user)}, password: ${quoted(password)} }`);
  return block('authorization', ['users: [', ...entries.map((entry) => `  ${entry}`), ']']);
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
    ...authorization(settings.users ?? []),
  ];
  return `${lines.join('\n')}\n`;
}
