import type { ControlView } from '@waybill/regions';
import type { Bus } from '@waybill/transport';
import { newestBeatMs } from '../newest-beat.ts';

export interface HeardParts {
  readonly bus: Bus;
  readonly region: string;
  readonly peers: readonly string[];
  /** Absent where the states of the regions are not known. */
  readonly view: Pick<ControlView, 'record'> | undefined;
}

/** Regions that call nobody any more, so that nothing new is to come from them. */
const OVER: ReadonlySet<string | undefined> = new Set(['failed', 'drained']);

/** Tells whether all that the other living regions wrote before a time (ms since 1970, by their clocks) has arrived in this region. */
export function heardUntil({ bus, region, peers, view }: HeardParts): (untilMs: number) => Promise<boolean> {
  const isHeard = async (peer: string, untilMs: number): Promise<boolean> => {
    if (OVER.has(view?.record(peer)?.state)) return true;
    return ((await newestBeatMs(bus, region, peer)) ?? 0) >= untilMs;
  };
  return async (untilMs) => {
    try {
      return (await Promise.all(peers.map((peer) => isHeard(peer, untilMs)))).every(Boolean);
    } catch {
      // NATS is away: nothing can be written either.
      return false;
    }
  };
}
