import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

const pollMs = 100;
const askMs = 2_000;

/** What was waited for did not come in time; the message has the server's last answer. */
export class NatsNotReady extends Error {
  override readonly name = 'NatsNotReady';
}

/** A server by the address of its monitoring pages. */
export interface Monitored {
  readonly monitorUrl: string | undefined;
}

/** A page's verdict on what is waited for, and what it said. */
interface Answer {
  readonly ok: boolean;
  readonly said: string;
}

async function ask(url: string, judge: (response: Response) => Promise<Answer>): Promise<Answer> {
  try {
    return await judge(await fetch(url, { signal: AbortSignal.timeout(askMs) }));
  } catch (error) {
    return { ok: false, said: error instanceof Error ? error.message : String(error) };
  }
}

interface Wait {
  readonly what: string;
  readonly page: string;
  readonly judge: (response: Response) => Promise<Answer>;
  readonly withinMs: number;
}

async function waitFor({ monitorUrl }: Monitored, { what, page, judge, withinMs }: Wait): Promise<void> {
  if (monitorUrl === undefined) throw new NatsNotReady('this server has no monitoring pages: give it a monitorPort');
  const deadline = performance.now() + withinMs;
  for (;;) {
    const { ok, said } = await ask(`${monitorUrl}/${page}`, judge);
    if (ok) return;
    if (performance.now() > deadline) throw new NatsNotReady(`${what} at ${monitorUrl} not ready after ${withinMs / 1000} s: ${said}`);
    await delay(pollMs);
  }
}

/**
 * Waits until JetStream works: a clustered server greets before its cluster has a leader, and after a restart before its streams have caught up.
 * Throws NatsNotReady after `withinMs` (default 30 s).
 */
export function waitForJetStream(server: Monitored, withinMs = 30_000): Promise<void> {
  return waitFor(server, { what: 'JetStream', page: 'healthz', judge: healthOf, withinMs });
}

const healthOf = async (response: Response): Promise<Answer> => ({ ok: response.ok, said: (await response.text()).trim() });

const leafPage = z.object({ leafs: z.array(z.unknown()).nullish() });

/** Waits until a region's server is linked to a node of the hub. Throws NatsNotReady after `withinMs` (default 30 s). */
export function waitForLink(server: Monitored, withinMs = 30_000): Promise<void> {
  return waitFor(server, { what: 'the link', page: 'leafz', judge: linkOf, withinMs });
}

async function linkOf(response: Response): Promise<Answer> {
  const { leafs } = leafPage.parse(await response.json());
  return { ok: (leafs ?? []).length > 0, said: 'no link' };
}
