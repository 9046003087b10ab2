import type { HeldBy, RetentionOptions, StreamRetention } from '@waybill/audit';
import type { Bus, TopologyOptions } from '@waybill/transport';
import { connectTo, type Installation } from '../deployment/installation.ts';
import { messageOf } from '../doctor/finding.ts';
import { reach } from '../doctor/reach.ts';

/** What may go from a region's streams, and what went; or why the region could not be asked. */
export interface Retained {
  readonly region: string;
  readonly streams: readonly (StreamRetention & { readonly removed: number })[];
  readonly failure?: string;
}

export interface RetainOptions {
  /** How long facts are kept. */
  readonly topology: Omit<TopologyOptions, 'peers'>;
  /** How long idempotency keys count, in ms: a repeat is answered with the event of then. */
  readonly keyTtlMs: number;
  /** Removes what may go; else only looks. */
  readonly apply: boolean;
  readonly nowMs: number;
}

/** Looks at all regions of an installation, one after the other, and removes what may go. A region that is away is told of and left as it is. */
export async function retain(installation: Installation, options: RetainOptions): Promise<Retained[]> {
  const retained: Retained[] = [];
  for (const { id } of installation.deployment.regions) {
    try {
      retained.push(await retainIn(installation, id, options));
    } catch (error) {
      retained.push({ region: id, streams: [], failure: messageOf(error) });
    }
  }
  return retained;
}

async function retainIn(
  installation: Installation,
  region: string,
  { topology, keyTtlMs, apply, nowMs }: RetainOptions,
): Promise<Retained> {
  const { applyRetention, planRetention } = await import('@waybill/audit');
  const { keptMs } = await import('@waybill/transport');
  const reached = await reach(installation, { place: region, user: 'operator' });
  if ('failure' in reached) return { region, streams: [], failure: reached.failure };
  const hasPeers = installation.deployment.regions.length > 1;
  const asked = { bus: reached.bus, region, hasPeers, keptMs: keptAtLeast(keptMs(topology), keyTtlMs), nowMs };
  const plans = await using(reached.bus, () => planRetention(asked));
  if (!apply || plans.every(({ removable }) => removable === 0)) return { region, streams: plans.map((plan) => ({ ...plan, removed: 0 })) };
  const bus = await connectTo(installation, { place: region, user: 'provisioner', signal: AbortSignal.timeout(REACH_MS) });
  return using(bus, async () => {
    const streams = [];
    for (const plan of plans) streams.push({ ...plan, removed: await applyRetention(bus, plan) });
    return { region, streams };
  });
}

const MARGIN_MS = 60_000;

/** No event goes while its idempotency key counts. */
export const keptAtLeast = ({ ended, deadLetters }: RetentionOptions['keptMs'], keyTtlMs: number): RetentionOptions['keptMs'] => ({
  ended: Math.max(ended, keyTtlMs + MARGIN_MS),
  deadLetters,
});

const REACH_MS = 10_000;

async function using<T>(bus: Bus, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await bus.close();
  }
}

/** Everything in one line, for a log. */
export function lineOf(retained: readonly Retained[]): string {
  const parts = retained.map(({ region, streams, failure }) => {
    if (failure !== undefined) return `${region}: ${failure}`;
    return streams.map(({ stream, removed, heldBy }) => `${stream} ${removed} facts removed${heldBack(heldBy)}`).join(', ');
  });
  return `retention: ${parts.join('; ')}`;
}

function heldBack([first]: readonly HeldBy[]): string {
  return first === undefined ? '' : ` (held back: ${first.what})`;
}
