import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Exit, type OwnedProcess, startProcess } from './child-process.ts';
import { type Addresses, awaitGreeting, portsFile } from './readiness.ts';
import { reloadServer, writeConfigFile } from './reload.ts';
import { renderServerConfig, type ServerSettings } from './server-config.ts';
import { openServerLog, type ServerLog } from './server-log.ts';

/** Settings of a server whose store may be left to the launcher. */
export type LaunchSettings = Omit<ServerSettings, 'storeDir'> & { readonly storeDir?: string };

/** How to run one nats-server. Either `config`, which is written to `<folder>/nats-server.conf`, or a `configFile` of one's own. */
export type LaunchOptions = {
  readonly binary: string;
  /** The data folder of this server: its configuration, log and, by default, its store are in it. Made if missing. */
  readonly folder: string;
  /** Default 30 s: a large store takes a while to recover. */
  readonly readyWithinMs?: number;
  /** How long `stop` waits after SIGTERM before it kills; default 10 s. */
  readonly stopWithinMs?: number;
  /** Keeps a Ctrl-C in the terminal away from the server, for an owner that ends it last. Default false. */
  readonly ownProcessGroup?: boolean;
} & ({ readonly config: LaunchSettings } | { readonly configFile: string; readonly storeDir: string });

/** A nats-server that accepts connections. If this process dies, the server lives on: whoever launched it must end it. */
export interface RunningNats {
  readonly pid: number;
  readonly url: string;
  readonly port: number;
  /** Of the monitoring pages; undefined without a monitorPort. */
  readonly monitorUrl: string | undefined;
  readonly configFile: string;
  readonly storeDir: string;
  readonly logFile: string;
  /** SIGTERM, then SIGKILL when the budget is over; resolves when it is gone. May be called again. */
  stop(): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  readonly exited: Promise<Exit>;
  /** Takes other settings over without a restart; the store stays where it is. Throws NatsReloadError, and nothing has changed then. */
  reload(config: LaunchSettings): Promise<void>;
}

/** The server could not be started; the message says why, with its last log lines. */
export class NatsLaunchError extends Error {
  override readonly name = 'NatsLaunchError';
}

async function writeConfig(options: LaunchOptions): Promise<{ configFile: string; storeDir: string }> {
  if ('configFile' in options) return { configFile: options.configFile, storeDir: options.storeDir };
  const configFile = join(options.folder, 'nats-server.conf');
  const storeDir = resolve(options.config.storeDir ?? options.folder);
  await writeConfigFile(configFile, renderServerConfig({ ...options.config, storeDir }));
  return { configFile, storeDir };
}

/** Names a port that another program holds; the server's own words for it are buried in its log. */
function portInUse(lines: readonly string[]): string | undefined {
  const match = /listen tcp\S* (\S+): bind: (?:address already in use|Only one usage)/.exec(lines.join('\n'));
  return match?.[1] === undefined ? undefined : `${match[1]} is in use by another program; stop that program or choose another port`;
}

async function failureOf(log: ServerLog, what: string): Promise<NatsLaunchError> {
  const lines = await log.tail(8);
  const told = lines.map((text) => `  ${text}`).join('\n');
  return new NatsLaunchError(`nats-server ${what}: ${portInUse(lines) ?? `see ${log.file}`}\nIts last log lines:\n${told || '  (none)'}`);
}

const endOf = ({ code, signal }: Exit): string => (signal === null ? `ended with code ${code}` : `was ended by ${signal}`);

/** The addresses once the server greets; throws when it ends before or does not greet in time, and leaves no process behind. */
async function ready(server: OwnedProcess, log: ServerLog, addressFile: string, withinMs: number): Promise<Addresses> {
  const gone = new AbortController();
  const exit = server.exited.then((end) => {
    gone.abort();
    return end;
  });
  const outcome = await Promise.race([exit, awaitGreeting(addressFile, withinMs, gone.signal)]);
  if (outcome !== undefined && 'url' in outcome) return outcome;
  if (outcome !== undefined) throw await failureOf(log, `${endOf(outcome)} before it was ready`);
  await server.kill();
  throw await failureOf(log, `was not ready within ${withinMs / 1000} s`);
}

async function start(options: LaunchOptions, configFile: string, runDir: string, log: ServerLog): Promise<OwnedProcess> {
  const args = ['--config', configFile, '--ports_file_dir', runDir];
  try {
    return await startProcess(options.binary, args, { logFd: log.fd, ownProcessGroup: options.ownProcessGroup ?? false });
  } catch (cause) {
    throw new NatsLaunchError(`${options.binary} cannot be run: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Starts a nats-server and waits until it greets. Throws NatsLaunchError; then nothing is left running. */
export async function launchNats(options: LaunchOptions): Promise<RunningNats> {
  const folder = resolve(options.folder);
  const runDir = join(folder, 'run');
  // Files of killed servers stay behind, and a pid may come again.
  await rm(runDir, { recursive: true, force: true });
  await mkdir(runDir, { recursive: true });
  const { configFile, storeDir } = await writeConfig({ ...options, folder });
  const log = await openServerLog(join(folder, 'nats-server.log'));
  try {
    const server = await start(options, configFile, runDir, log);
    const addressFile = portsFile(runDir, options.binary, server.pid);
    const { url, monitorUrl } = await ready(server, log, addressFile, options.readyWithinMs ?? 30_000);
    const stop = async (): Promise<void> => void (await server.stop(options.stopWithinMs ?? 10_000));
    const kill = async (): Promise<void> => void (await server.kill());
    const { pid, exited } = server;
    const reload = (config: LaunchSettings): Promise<void> =>
      reloadServer({ pid, configFile, logFile: log.file, text: renderServerConfig({ ...config, storeDir }) });
    const files = { configFile, storeDir, logFile: log.file };
    return { pid, url, port: Number(new URL(url).port), monitorUrl, ...files, stop, kill, exited, reload };
  } finally {
    await log.close();
  }
}
