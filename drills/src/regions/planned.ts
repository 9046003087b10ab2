import { isReady, monotonicMs, pause } from '@waybill/bench';
import type { DrillResult } from '../result.ts';
import { finding } from '../proof.ts';
import type { RegionRig } from './region-rig.ts';
import { isState, untilSeen } from './region-states.ts';
import { type Observed, runRegionDrill } from './run-region-drill.ts';

export interface PlannedOptions {
  readonly ratePerSecond: number;
  readonly dataDir?: string | undefined;
}

const STATE_BUDGET_MS = 120_000;
const DRAINED_MS = 5_000;

/** An operator fails a healthy region over and takes it back, under load: nothing fails, nothing is sent twice. */
export function plannedFailover({ ratePerSecond, dataDir }: PlannedOptions): Promise<DrillResult> {
  return runRegionDrill({
    name: 'planned-failover',
    // As an operator has it by default: nobody takes over unasked.
    rig: { ratePerSecond, dataDir, failingPercent: 10, env: { FAILOVER_ENABLED: 'false' } },
    script: async (rig, say): Promise<Observed> => {
      const faultMs = monotonicMs();
      say(`failover of ${rig.first}`);
      await rig.command(['failover', rig.first, '--reason', 'drill']);
      const failoverMs = Math.round(monotonicMs() - faultMs);
      await pause(DRAINED_MS);
      const untilMs = monotonicMs();
      say(`activate ${rig.first}`);
      await rig.command(['activate', rig.first, '--reason', 'drill']);
      const activeAfterMs = await untilSeen(rig, { askIn: rig.second, id: rig.first, budgetMs: STATE_BUDGET_MS }, isState('active'));
      return {
        faultMs,
        untilMs,
        figures: { failoverMs, activeAfterMs },
        findings: finding('not active again', activeAfterMs === null ? [`within ${STATE_BUDGET_MS} ms`] : []),
      };
    },
  });
}

const SERVICES = ['ingress', 'planner', 'dispatcher', 'projector'] as const;
const BACK_BUDGET_MS = 60_000;

/** Every service of every region is restarted, one after the other, as a deployment does it. */
export function rollingRestart({ ratePerSecond, dataDir }: PlannedOptions): Promise<DrillResult> {
  return runRegionDrill({
    name: 'rolling-restart',
    rig: { ratePerSecond, dataDir, failingPercent: 10 },
    script: async (rig, say): Promise<Observed> => {
      const backAfterMs: Record<string, number | null> = {};
      for (const region of [rig.first, rig.second])
        for (const service of SERVICES) {
          say(`restarting ${service} of ${region}`);
          backAfterMs[`${region} ${service}`] = await restart(rig, region, service);
        }
      const notBack = Object.entries(backAfterMs).filter(([, ms]) => ms === null);
      return {
        figures: { backAfterMs },
        findings: finding(
          'not ready again',
          notBack.map(([name]) => name),
        ),
      };
    },
  });
}

async function restart(rig: RegionRig, region: string, service: string): Promise<number | null> {
  const pid = rig.region(region).pids[service] ?? 0;
  const startMs = monotonicMs();
  process.kill(pid, 'SIGTERM');
  while (monotonicMs() - startMs < BACK_BUDGET_MS) {
    const now = rig.region(region);
    if (now.pids[service] !== pid && (await isReady(now.services[service] ?? ''))) return Math.round(monotonicMs() - startMs);
    await pause(50);
  }
  return null;
}

/** The emergency rollback: MULTI_REGION_ENABLED=false puts everything in the primary region, and back. */
export function configRollback({ ratePerSecond, dataDir }: PlannedOptions): Promise<DrillResult> {
  return runRegionDrill({
    name: 'config-rollback',
    rig: { ratePerSecond, dataDir, env: { FAILOVER_ENABLED: 'false' } },
    script: async (rig, say): Promise<Observed> => {
      say('everything in the primary region');
      await rig.restart({ MULTI_REGION_ENABLED: 'false' });
      const before = await rig.deliveredBy();
      await pause(DRAINED_MS);
      const after = await rig.deliveredBy();
      const elsewhere = (after[rig.second] ?? 0) - (before[rig.second] ?? 0);
      const primary = (after[rig.first] ?? 0) - (before[rig.first] ?? 0);
      say('several regions again');
      await rig.restart({});
      return {
        // The doors of both regions are closed while the stack starts with another configuration.
        allowed: { failedRequests: Number.POSITIVE_INFINITY },
        figures: { attemptsOfPrimaryWhileRolledBack: primary, attemptsOfOthersWhileRolledBack: elsewhere },
        findings: [
          ...finding('attempts outside of the primary region', elsewhere > 0 ? [String(elsewhere)] : []),
          ...finding('nothing was delivered while rolled back', primary > 0 ? [] : ['0 attempts']),
        ],
      };
    },
  });
}

const SPILL_LOAD_MS = 20_000;
const CALM_BUDGET_MS = 60_000;

/** A region that is given more than it can do hands new events on, and takes them back by itself when it is calm. */
export function spillover({ ratePerSecond, dataDir }: PlannedOptions): Promise<DrillResult> {
  const limit = Math.ceil(ratePerSecond / 2);
  const options = { 'us-central1': { rate_limit_per_second: limit, spillover: { queueDepth: 100 } } };
  return runRegionDrill({
    name: 'spillover',
    rig: { ratePerSecond, dataDir, sendTo: 'first', env: { WAYBILL_REGION_OPTIONS: JSON.stringify(options) } },
    script: async (rig, say): Promise<Observed> => {
      const seen = { askIn: rig.second, id: rig.first, budgetMs: SPILL_LOAD_MS };
      const spilledAfterMs = await untilSeen(rig, seen, (region) => region.report?.spilling === true);
      say(`spilling after ${spilledAfterMs ?? '?'} ms`);
      await pause(SPILL_LOAD_MS);
      const attempts = await rig.deliveredBy();
      await rig.sender.stop(CALM_BUDGET_MS);
      const calm = { askIn: rig.second, id: rig.first, budgetMs: CALM_BUDGET_MS };
      const calmAfterMs = await untilSeen(rig, calm, (region) => region.report?.spilling === false);
      return {
        figures: { limitPerSecond: limit, spilledAfterMs, attempts, calmAfterMs },
        findings: [
          ...finding('did not spill', spilledAfterMs === null ? [`within ${SPILL_LOAD_MS} ms`] : []),
          ...finding('the other region was given nothing', (attempts[rig.second] ?? 0) > 0 ? [] : [JSON.stringify(attempts)]),
          ...finding('did not come back to normal', calmAfterMs === null ? [`within ${CALM_BUDGET_MS} ms`] : []),
        ],
      };
    },
  });
}
