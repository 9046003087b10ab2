import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 20;
const greetingMs = 1_000;
const anyAddress: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '[::]': '[::1]' };

/** Where a server reports its addresses: it writes this file itself once it listens, and names it after its program and its pid. */
export const portsFile = (folder: string, binary: string, pid: number): string => join(folder, `${basename(binary)}_${pid}.ports`);

/** The first client address in a ports file; undefined while the file is missing or half-written. */
export function clientUrl(text: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || !('nats' in parsed) || !Array.isArray(parsed.nats)) return undefined;
    const first: unknown = parsed.nats[0];
    if (typeof first !== 'string') return undefined;
    const { hostname, port } = new URL(first);
    return `nats://${anyAddress[hostname] ?? hostname}:${port}`;
  } catch {
    return undefined;
  }
}

/** True when a NATS server answers at the address with its greeting. */
export function greets(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), timeout: greetingMs });
    const end = (verdict: boolean): void => {
      socket.destroy();
      resolve(verdict);
    };
    socket.once('data', (greeting) => end(greeting.toString('latin1').startsWith('INFO ')));
    for (const event of ['timeout', 'error', 'end']) socket.once(event, () => end(false));
  });
}

/** Waits until the server has written its addresses and greets there. Resolves undefined when `withinMs` is over or `signal` fires. */
export async function awaitGreeting(file: string, withinMs: number, signal: AbortSignal): Promise<string | undefined> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline && !signal.aborted) {
    const url = clientUrl(await readFile(file, 'utf8').catch(() => ''));
    if (url !== undefined && (await greets(url))) return url;
    await delay(pollMs);
  }
  return undefined;
}
