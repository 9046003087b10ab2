import { monotonicMs, pause } from '@waybill/bench';
import type { DrillResult } from '../result.ts';
import { finding } from '../proof.ts';
import type { LinkMode } from './link-proxy.ts';
import { onTheWay } from './on-the-way.ts';
import type { RegionRig } from './region-rig.ts';
import { isState, untilSeen } from './region-states.ts';
import { type Observed, runRegionDrill } from './run-region-drill.ts';

export interface PartitionOptions {
  readonly ratePerSecond: number;
  readonly cutMs: number;
  readonly dataDir?: string | undefined;
}

const HEAL_BUDGET_MS = 120_000;

/** Waits until the cut-off region is active again and has everything of the other, and the other way round. */
async function untilHealed(rig: RegionRig): Promise<number | null> {
  const seen = { askIn: rig.second, id: rig.first, budgetMs: HEAL_BUDGET_MS };
  return untilSeen(rig, seen, (region) => region.state === 'active' && region.share === 100);
}

/** Beats come every two seconds and in order with everything else: a fresh one says that all before it is here. */
const FRESH_MS = 4_000;

/** Waits until each region has everything of the other one. */
async function untilCaughtUp(rig: RegionRig): Promise<number | null> {
  const pairs = [
    [rig.first, rig.second],
    [rig.second, rig.first],
  ] as const;
  const waits = pairs.map(([here, there]) =>
    untilSeen(rig, { askIn: here, id: here, budgetMs: HEAL_BUDGET_MS }, ({ report }) => (report?.lagMs[there] ?? Infinity) < FRESH_MS),
  );
  const took = await Promise.all(waits);
  return took.includes(null) ? null : Math.max(...took.map((ms) => ms ?? 0));
}

const NAMES: Partial<Record<LinkMode, string>> = { cut: 'partition', mute: 'partition-mute', deaf: 'partition-deaf' };

/**
 * A region's links swallow everything (`cut`), what it says (`mute`), or what it should hear (`deaf`). It accepts all the while, the other one takes over
 * when its lease is over, and nothing is sent by both but what the one had sent and not told when it was cut off.
 */
export function partition(mode: 'cut' | 'mute' | 'deaf', { ratePerSecond, cutMs, dataDir }: PartitionOptions): Promise<DrillResult> {
  return runRegionDrill({
    name: NAMES[mode] ?? mode,
    rig: { ratePerSecond, dataDir, withLinks: true },
    script: async (rig, say): Promise<Observed> => {
      const acceptedBefore = await rig.acceptedIn(rig.first);
      say(`${rig.first} is cut off: ${mode}`);
      const faultMs = monotonicMs();
      rig.link(rig.first, mode);
      await pause(cutMs);
      const acceptedMeanwhile = (await rig.acceptedIn(rig.first)) - acceptedBefore;
      const takenOver = await untilSeen(rig, { askIn: rig.second, id: rig.first, budgetMs: 1_000 }, isState('failed'));
      say('the links are whole again');
      const untilMs = monotonicMs();
      rig.link(rig.first, 'open');
      const [caughtUpAfterMs, healedAfterMs] = await Promise.all([untilCaughtUp(rig), untilHealed(rig)]);
      return {
        faultMs,
        untilMs,
        allowed: { repeats: onTheWay(rig) },
        figures: { cutMs, acceptedMeanwhile, takenOver: takenOver !== null, caughtUpAfterMs, healedAfterMs },
        findings: [
          ...finding('the cut-off region accepted nothing', acceptedMeanwhile > 0 ? [] : ['0 events']),
          ...finding('was not taken over', takenOver === null ? [`within ${cutMs} ms`] : []),
          ...finding('did not catch up', caughtUpAfterMs === null ? [`within ${HEAL_BUDGET_MS} ms`] : []),
          ...finding('not active again', healedAfterMs === null ? [`within ${HEAL_BUDGET_MS} ms`] : []),
        ],
      };
    },
  });
}

const FLAPS = 6;
const FLAP_MS = 3_000;

/** A link that comes and goes faster than a lease runs out: nobody takes over, nothing is lost or sent twice. */
export function flappingLink({ ratePerSecond, dataDir }: Omit<PartitionOptions, 'cutMs'>): Promise<DrillResult> {
  return runRegionDrill({
    name: 'flapping-link',
    rig: { ratePerSecond, dataDir, withLinks: true },
    script: async (rig, say): Promise<Observed> => {
      for (let flap = 1; flap <= FLAPS; flap += 1) {
        say(`flap ${flap} of ${FLAPS}`);
        rig.link(rig.first, flap % 2 === 0 ? 'cut' : 'refuse');
        await pause(FLAP_MS);
        rig.link(rig.first, 'open');
        await pause(FLAP_MS);
      }
      const healedAfterMs = await untilHealed(rig);
      return {
        figures: { flaps: FLAPS, flapMs: FLAP_MS, healedAfterMs },
        findings: finding('not active again', healedAfterMs === null ? [`within ${HEAL_BUDGET_MS} ms`] : []),
      };
    },
  });
}

const SLOW_MS = 100;
const SLOW_FOR_MS = 20_000;

/** A link with 200 ms more for there and back: both regions work as before, the copies come later. */
export function slowLink({ ratePerSecond, dataDir }: Omit<PartitionOptions, 'cutMs'>): Promise<DrillResult> {
  return runRegionDrill({
    name: 'slow-link',
    rig: { ratePerSecond, dataDir, withLinks: true },
    script: async (rig, say): Promise<Observed> => {
      say('SKIPPED: 2 % loss needs netem, which a proxy cannot stand in for; the delay of 200 ms is real');
      rig.link(rig.first, 'open', SLOW_MS);
      await pause(SLOW_FOR_MS);
      rig.link(rig.first, 'open', 0);
      const healedAfterMs = await untilHealed(rig);
      return {
        figures: { delayThereAndBackMs: 2 * SLOW_MS, slowForMs: SLOW_FOR_MS, packetLoss: 'skipped: no netem', healedAfterMs },
        findings: finding('not active', healedAfterMs === null ? [`within ${HEAL_BUDGET_MS} ms`] : []),
      };
    },
  });
}
