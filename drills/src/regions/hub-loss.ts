import { monotonicMs, pause } from '@waybill/bench';
import type { DrillResult } from '../result.ts';
import { finding } from '../proof.ts';
import { isState, untilSeen } from './region-states.ts';
import { type Observed, runRegionDrill } from './run-region-drill.ts';

export interface HubLossOptions {
  readonly ratePerSecond: number;
  readonly dataDir?: string | undefined;
}

const DOWN_MS = 20_000;
const HEAL_BUDGET_MS = 60_000;

/** One node of the hub, or the whole hub, dies and stays away for a while. Regions go on by themselves (FAILOVER_ENABLED=false, the default). */
export function hubLoss(what: 'node' | 'hub', { ratePerSecond, dataDir }: HubLossOptions): Promise<DrillResult> {
  return runRegionDrill({
    name: what === 'node' ? 'hub-node-loss' : 'hub-loss',
    rig: { ratePerSecond, dataDir, env: { FAILOVER_ENABLED: what === 'node' ? 'true' : 'false' } },
    script: async (rig, say): Promise<Observed> => {
      const deliveredBefore = rig.receiver.counts().succeeded;
      const faultMs = monotonicMs();
      say(what === 'node' ? 'a node of the hub dies' : 'the whole hub dies');
      rig.killHub(what === 'node' ? 0 : undefined);
      await pause(DOWN_MS);
      const deliveredMeanwhile = rig.receiver.counts().succeeded - deliveredBefore;
      const untilMs = monotonicMs();
      rig.reviveHub();
      const seen = { askIn: rig.second, id: rig.first, budgetMs: HEAL_BUDGET_MS };
      const lagOf = (region: { report?: { lagMs: Record<string, number> } | null | undefined }): number =>
        region.report?.lagMs[rig.second] ?? Number.POSITIVE_INFINITY;
      const caughtUpAfterMs = await untilSeen(rig, seen, (region) => isState('active')(region) && lagOf(region) < 5_000);
      return {
        faultMs,
        untilMs,
        figures: { downMs: DOWN_MS, deliveredMeanwhile, caughtUpAfterMs },
        findings: [
          ...finding('nothing was delivered meanwhile', deliveredMeanwhile > 0 ? [] : ['0 deliveries']),
          ...finding('not caught up', caughtUpAfterMs === null ? [`within ${HEAL_BUDGET_MS} ms`] : []),
        ],
      };
    },
  });
}
