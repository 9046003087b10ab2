import { setTimeout as sleep } from 'node:timers/promises';
import { type RegionChanged, type RegionRecord, WaybillError } from '@waybill/contracts';
import { request } from 'undici';
import type { AppendFact } from '../application/append-fact.ts';
import type { RegionPorts } from '../application/regions/region-ports.ts';

const ANSWER_MS = 1_000;

/** Whether a process answers below this address within a second, whatever it says of itself. */
export async function answersAt(address: string): Promise<boolean> {
  try {
    const url = `${address.replace(/\/$/, '')}/health/live`;
    const { body } = await request(url, { signal: AbortSignal.timeout(ANSWER_MS), headersTimeout: ANSWER_MS });
    await body.dump();
    return true;
  } catch {
    return false;
  }
}

/** Waits, unless the service is stopping. Throws WB_NOT_READY then. */
export async function waitUnlessStopping(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    throw new WaybillError('WB_NOT_READY', 'this service is stopping: ask again, or in another region', { cause: error });
  }
}

const factOf = ({ region, state, epoch, share, to, who, why, how, since }: RegionRecord): RegionChanged => ({
  v: 1,
  region,
  state,
  epoch,
  share,
  to,
  who,
  why,
  how,
  at: since,
});

/** Appends the fact of a change to this region's LOG, under an id that makes a repeat harmless. */
export function appendChangeTo(append: AppendFact): RegionPorts['appendChange'] {
  return (record) => {
    const { region, epoch, share } = record;
    return append({ type: 'region.changed', scope: 'g', msgId: `region:${region}:${epoch}:${share}`, body: factOf(record) });
  };
}
