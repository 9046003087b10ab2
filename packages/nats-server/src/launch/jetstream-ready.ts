import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 100;
const askMs = 2_000;

/** A server that greets, but whose JetStream does not work in time. */
export class JetStreamNotReady extends Error {
  override readonly name = 'JetStreamNotReady';
}

/** The answer of the health page, or why there was none. */
async function health(monitorUrl: string): Promise<{ readonly ok: boolean; readonly said: string }> {
  try {
    const response = await fetch(`${monitorUrl}/healthz`, { signal: AbortSignal.timeout(askMs) });
    return { ok: response.ok, said: (await response.text()).trim() };
  } catch (error) {
    return { ok: false, said: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Waits until JetStream works: a clustered server greets before its cluster has a leader, and after a restart before its streams have caught up.
 * `monitorUrl` is the address of the monitoring pages. Throws JetStreamNotReady with the server's last answer after `withinMs` (default 30 s).
 */
export async function waitForJetStream({ monitorUrl }: { readonly monitorUrl: string | undefined }, withinMs = 30_000): Promise<void> {
  if (monitorUrl === undefined) throw new JetStreamNotReady('this server has no monitoring pages: give it a monitorPort');
  const deadline = performance.now() + withinMs;
  for (;;) {
    const { ok, said } = await health(monitorUrl);
    if (ok) return;
    if (performance.now() > deadline)
      throw new JetStreamNotReady(`JetStream at ${monitorUrl} is not ready after ${withinMs / 1000} s: ${said}`);
    await delay(pollMs);
  }
}
