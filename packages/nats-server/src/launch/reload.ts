import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 20;

/** The server did not take its new configuration; it runs on with the old one, and the file is the old one again. The message says why. */
export class NatsReloadError extends Error {
  override readonly name = 'NatsReloadError';
}

export interface Reload {
  readonly pid: number;
  readonly configFile: string;
  /** Where the server writes its log: only there it says what became of a reload. */
  readonly logFile: string;
  /** The new configuration. */
  readonly text: string;
  /** Default 10 s. */
  readonly withinMs?: number;
}

/** Replaces the file in one step, for the owner's eyes only: it holds passwords. */
export async function writeConfigFile(file: string, text: string): Promise<void> {
  const next = `${file}.next`;
  await writeFile(next, text, { mode: 0o600 });
  await rename(next, file);
}

/** What the server wrote about its reload, undefined while it did not. */
function verdict(written: string): { readonly refused?: string } | undefined {
  const refused = /Failed to reload server configuration: (.*)/.exec(written)?.[1];
  if (refused !== undefined) return { refused };
  return written.includes('Reloaded server configuration') ? {} : undefined;
}

/**
 * Gives a running server another configuration without a restart (SIGHUP), and waits until it says that it took it. Throws NatsReloadError; then
 * nothing has changed. What cannot be reloaded: names, ports, the domain, the store. Clients stay connected and get their new permissions at once; leaf links
 * keep those they were made with until they are made again (2.15.1).
 */
export async function reloadServer({ pid, configFile, logFile, text, withinMs = 10_000 }: Reload): Promise<void> {
  const before = await readFile(configFile, 'utf8');
  const { size } = await stat(logFile);
  await writeConfigFile(configFile, text);
  const refused = await signalled(pid, logFile, size, withinMs);
  if (refused === undefined) return;
  await writeConfigFile(configFile, before);
  throw new NatsReloadError(`nats-server keeps its configuration: ${refused}`);
}

/** Why the reload was not done; undefined when it was. */
async function signalled(pid: number, logFile: string, logStart: number, withinMs: number): Promise<string | undefined> {
  try {
    process.kill(pid, 'SIGHUP');
  } catch {
    return `process ${pid} does not run`;
  }
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    const told = verdict((await readFile(logFile)).subarray(logStart).toString('utf8'));
    if (told !== undefined) return told.refused;
    await delay(pollMs);
  }
  return `it did not answer within ${withinMs / 1000} s; see ${logFile}`;
}
