import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

const pollMs = 20;
const greetingMs = 1_000;
const anyAddress: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '[::]': '[::1]' };

/** Where a server reports its addresses: it writes this file itself once it listens, and names it after its program and its pid. */
export const portsFile = (folder: string, binary: string, pid: number): string => join(folder, `${basename(binary)}_${pid}.ports`);

/** Addresses that a server reported. */
export interface Addresses {
  readonly url: string;
  /** Of the monitoring pages; undefined when it has none. */
  readonly monitorUrl: string | undefined;
}

const portsSchema = z.object({ nats: z.array(z.url()).min(1), monitoring: z.array(z.url()).optional() });

function reachable(reported: string): string {
  const { protocol, hostname, port } = new URL(reported);
  return `${protocol}//${anyAddress[hostname] ?? hostname}:${port}`;
}

/** The first addresses in a ports file; undefined while the file is missing or half-written. */
function addressesIn(text: string): Addresses | undefined {
  try {
    const { nats, monitoring } = portsSchema.parse(JSON.parse(text));
    const [url, monitorUrl] = [nats[0], monitoring?.[0]];
    if (url === undefined) return undefined;
    return { url: reachable(url), monitorUrl: monitorUrl === undefined ? undefined : reachable(monitorUrl) };
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
export async function awaitGreeting(file: string, withinMs: number, signal: AbortSignal): Promise<Addresses | undefined> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline && !signal.aborted) {
    const addresses = addressesIn(await readFile(file, 'utf8').catch(() => ''));
    if (addresses !== undefined && (await greets(addresses.url))) return addresses;
    await delay(pollMs);
  }
  return undefined;
}
