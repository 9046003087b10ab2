import { join } from 'node:path';
import { monotonicMs, pause, Progress, readRecords } from '@waybill/bench';
import { type DrillResult, resultOf } from '../result.ts';
import { type Flow, flowAround } from './flow.ts';
import { type RegionRig, type RegionRigOptions, withRegions } from './region-rig.ts';
import { type Allowance, settleRegions } from './settle-regions.ts';

/** What a script found out on the way. */
export interface Observed {
  /** When the fault began, on the monotonic clock; with `untilMs` it gives the flow of deliveries around it. */
  readonly faultMs?: number;
  readonly untilMs?: number;
  readonly allowed?: Partial<Allowance>;
  readonly figures: Readonly<Record<string, unknown>>;
  readonly findings: readonly string[];
}

export interface RegionDrill {
  readonly name: string;
  readonly rig: RegionRigOptions;
  /** Runs under load, which began a moment ago and goes on until the script is over. */
  readonly script: (rig: RegionRig, say: (what: string) => void) => Promise<Observed>;
}

const WARM_UP_MS = 3_000;
const COOL_DOWN_MS = 2_000;

/** Puts two regions under load, runs a script of faults, lets everything come to rest, and checks the invariants that hold for every drill. */
export function runRegionDrill({ name, rig: options, script }: RegionDrill): Promise<DrillResult> {
  return withRegions(options, async (rig) => {
    const progress = new Progress(() => describe(rig));
    try {
      rig.sender.start();
      await pause(WARM_UP_MS);
      const observed = await script(rig, (what) => progress.say(what));
      await pause(COOL_DOWN_MS);
      const allowed = { repeats: 0, failedRequests: 0, ...observed.allowed };
      const settled = await settleRegions(rig, progress, allowed);
      const pipeline = await rig.connect(rig.first);
      try {
        const findings = [...observed.findings, ...settled.findings];
        const base = resultOf(name, { pipeline, sender: rig.sender }, { ...settled, findings });
        return { ...base, allowed, ...flowOf(rig, observed), ...observed.figures };
      } finally {
        await pipeline.close();
      }
    } finally {
      progress.close();
    }
  });
}

function flowOf(rig: RegionRig, { faultMs, untilMs }: Observed): { flow?: Flow } {
  if (faultMs === undefined) return {};
  return { flow: flowAround(rig.sender.accepted, readRecords(join(rig.scratch, 'arrivals')), faultMs, untilMs ?? monotonicMs()) };
}

function describe({ receiver, sender }: RegionRig): string {
  const { accepted, answers, started } = sender.counts;
  return `started ${started}, accepted ${accepted}, answers ${JSON.stringify(answers)}, delivered ${receiver.counts().succeeded}`;
}
