import { monotonicMs, pause, type Pipeline } from '@waybill/bench';
import type { DrillResult } from '../result.ts';
import { finding } from '../proof.ts';
import { onTheWay } from './on-the-way.ts';
import type { RegionRig } from './region-rig.ts';
import { isState, seenRegion, untilSeen } from './region-states.ts';
import { type Observed, runRegionDrill } from './run-region-drill.ts';
import { keepTraces, type KeptTraces, takenOverTraces, untraced } from './takeover-traces.ts';

export interface RegionKillOptions {
  readonly ratePerSecond: number;
  readonly dataDir?: string | undefined;
}

export const FAILOVER_BUDGET_MS = 30_000;
const DOWN_MS = 10_000;
const SOME_RETRIES = 3;
export const RETURN_BUDGET_MS = 90_000;
/** What may arrive twice: what the dead region's dispatcher had in hand, and what it had done a moment ago and could not tell. */
export const mostRepeats = (rig: RegionRig, inHand: number): number => inHand * rig.wiring.fanOut + onTheWay(rig);

interface Killed {
  readonly faultMs: number;
  readonly inHand: number;
  readonly takenOverAfterMs: number | null;
}

/** SIGKILL of all of the first region; resolves when the second one has taken over, or did not within 30 s. */
export async function killAndTakeOver(rig: RegionRig): Promise<Killed> {
  const pipeline = await rig.connect(rig.first);
  await untilRetriesWait(pipeline);
  const inHand = await pipeline.inHand();
  await pipeline.close();
  const faultMs = monotonicMs();
  rig.killRegion(rig.first);
  const takenOverAfterMs = await untilSeen(rig, { askIn: rig.second, id: rig.first, budgetMs: FAILOVER_BUDGET_MS }, isState('failed'));
  return { faultMs, inHand, takenOverAfterMs };
}

/** Something is to be taken over: retries, which wait for a second each. */
async function untilRetriesWait(pipeline: Pipeline): Promise<void> {
  for (let tries = 0; tries < 200 && (await pipeline.backlog()).retries < SOME_RETRIES; tries += 1) await pause(20);
}

/** Lets the first region start again; resolves with the ms until it is active, or null when it is not within 90 s. */
export async function bringBack(rig: RegionRig): Promise<number | null> {
  rig.reviveRegion(rig.first);
  return untilSeen(rig, { askIn: rig.second, id: rig.first, budgetMs: RETURN_BUDGET_MS }, isState('active'));
}

/**
 * SIGKILL of all of a region under load through the balancer; automatic failover; then the region returns and what only it had is delivered. An event that the one
 * region accepted and the other delivered has one trace.
 */
export async function regionKill(options: RegionKillOptions): Promise<DrillResult> {
  const traces = await keepTraces();
  try {
    return await killAndReturn(options, traces);
  } finally {
    await traces.close();
  }
}

function killAndReturn({ ratePerSecond, dataDir }: RegionKillOptions, { env, store }: KeptTraces): Promise<DrillResult> {
  return runRegionDrill({
    name: 'region-kill',
    rig: { ratePerSecond, dataDir, failingPercent: 10, env },
    script: async (rig, say): Promise<Observed> => {
      say(`kill -9 of ${rig.first}`);
      const killedAt = Date.now();
      const { faultMs, inHand, takenOverAfterMs } = await killAndTakeOver(rig);
      say(`taken over after ${takenOverAfterMs ?? '?'} ms`);
      await pause(DOWN_MS);
      const untilMs = monotonicMs();
      const traced = await takenOverTraces(rig, store, killedAt);
      const activeAfterMs = await bringBack(rig);
      return {
        faultMs,
        untilMs,
        allowed: { repeats: mostRepeats(rig, inHand) },
        figures: { inHandAtKill: inHand, takenOverAfterMs, activeAgainAfterMs: activeAfterMs, takenOverTraces: traced },
        findings: [
          ...finding('not taken over', takenOverAfterMs === null ? [`within ${FAILOVER_BUDGET_MS} ms`] : []),
          ...finding('not active again', activeAfterMs === null ? [`within ${RETURN_BUDGET_MS} ms`] : []),
          ...untraced(traced),
        ],
      };
    },
  });
}

/** The region returns under load: from then on nothing arrives again, and the work comes back to it in steps. */
export function regionReturn({ ratePerSecond, dataDir }: RegionKillOptions): Promise<DrillResult> {
  return runRegionDrill({
    name: 'region-return',
    rig: { ratePerSecond, dataDir, failingPercent: 10 },
    script: async (rig, say): Promise<Observed> => {
      const { inHand, takenOverAfterMs } = await killAndTakeOver(rig);
      await pause(DOWN_MS);
      const repeatsBefore = await rig.repeatsSoFar();
      say('the region returns');
      const shares: number[] = [];
      rig.reviveRegion(rig.first);
      const startMs = monotonicMs();
      let isActive = false;
      while (!isActive && monotonicMs() - startMs < RETURN_BUDGET_MS) {
        const seen = await seenRegion(rig, rig.second, rig.first);
        if (typeof seen?.share === 'number' && seen.share !== shares.at(-1)) shares.push(seen.share);
        isActive = seen?.state === 'active';
        await pause(100);
      }
      const activeAfterMs = Math.round(monotonicMs() - startMs);
      await pause(DOWN_MS);
      const repeatsSince = (await rig.repeatsSoFar()) - repeatsBefore;
      return {
        allowed: { repeats: mostRepeats(rig, inHand) },
        figures: { takenOverAfterMs, activeAfterMs, shares, repeatsAfterReturn: repeatsSince },
        findings: [
          ...finding('not active again', isActive ? [] : [JSON.stringify(shares)]),
          ...finding('did not come back in steps', shares.join() === '0,25,50,75,100' ? [] : [shares.join()]),
          ...finding('repeats after the return', repeatsSince === 0 ? [] : [String(repeatsSince)]),
        ],
      };
    },
  });
}
