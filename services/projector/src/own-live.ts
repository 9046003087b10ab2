import { createHash, randomBytes } from 'node:crypto';
import { streamNames } from '@waybill/contracts';
import type { Lifecycle } from '@waybill/runtime';
import type { Bus } from '@waybill/transport';
import type { Live } from './adapters/http/live.controller.ts';
import { stretchReader } from './adapters/nats/read-stretch.ts';
import { streamState } from './adapters/nats/stream-state.ts';
import { later } from './adapters/worker/later.ts';
import { LiveHub } from './application/live/live-hub.ts';
import { LiveStates } from './application/live/live-states.ts';
import type { WorkerPart } from './application/rebuild/rebuild-ports.ts';
import type { Rebuilder } from './application/rebuild/rebuilder.ts';

const SHOWN: readonly WorkerPart[] = ['database', 'nats', 'log', 'peers', 'registry'];

/** Those who follow what changes in the read models of a region. */
export function liveHub(region: string, bus: () => Bus | undefined): LiveHub {
  return new LiveHub({
    region,
    readStretch: stretchReader(bus, region),
    nowMs: () => Date.now(),
    later,
    newSalt: () => randomBytes(4).toString('hex'),
    digest: (text) => createHash('sha256').update(text).digest('hex').slice(0, 8),
  });
}

/** How the read models are, told to those who follow. */
export function ownLive(hub: LiveHub, rebuilder: Rebuilder, { region, bus, lifecycle }: LiveSurroundings): Live {
  const states = new LiveStates({
    look: () => ({ rebuilding: rebuilder.status().build?.build.purpose === 'rebuild', problems: problemsOf(rebuilder) }),
    behind: () => behind(bus(), region, rebuilder),
    isFollowed: () => hub.size > 0,
    tell: (state) => hub.tellState(state),
    later,
  });
  states.start();
  lifecycle.own('live', states, (owned) => owned.stop());
  return { hub, states };
}

export interface LiveSurroundings {
  readonly region: string;
  readonly bus: () => Bus | undefined;
  readonly lifecycle: Lifecycle;
}

function problemsOf(rebuilder: Rebuilder): { part: string; detail: string }[] {
  return SHOWN.flatMap((part) => {
    const { ok, detail } = rebuilder.stateOf(part);
    return ok ? [] : [{ part, detail: detail ?? 'not running' }];
  });
}

async function behind(bus: Bus | undefined, region: string, rebuilder: Rebuilder): Promise<number | null> {
  if (bus === undefined || !bus.isUp()) return null;
  const { log, peers } = streamNames(region);
  const left = async (stream: string, part: 'log' | 'peers'): Promise<number> => {
    const { lastSeq } = await streamState(bus, stream);
    return Math.max(0, lastSeq - (rebuilder.stateOf(part).seq ?? 0));
  };
  // Without peers there is no such stream.
  const ofPeers = rebuilder.stateOf('peers').seq === undefined ? Promise.resolve(0) : left(peers, 'peers');
  try {
    return (await left(log, 'log')) + (await ofPeers);
  } catch {
    return null;
  }
}
