import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isReady, monotonicMs, pause } from '@waybill/bench';
import { finding } from '../proof.ts';
import { bringBack, FAILOVER_BUDGET_MS, killAndTakeOver, mostRepeats, RETURN_BUDGET_MS } from '../regions/region-kill.ts';
import type { RegionRig } from '../regions/region-rig.ts';
import { type Observed, runRegionDrill } from '../regions/run-region-drill.ts';
import { keepTraces, type KeptTraces, takenOverTraces, untraced } from '../regions/takeover-traces.ts';
import type { DrillResult } from '../result.ts';
import type { AlertBook } from './alert-book.ts';
import { AlertWatch } from './alert-watch.ts';
import { expectedAlerts, goneWithinMs, judgeAlerts, lastFiringMs, type Pace, told } from './judge-alerts.ts';
import { startPrometheus, type Target } from './prometheus.ts';

export interface AlertsOptions {
  readonly ratePerSecond: number;
  readonly dataDir?: string | undefined;
  /** Everything that rules measure in time is a fifteenth of what it is: a second between two collections stands for fifteen. */
  readonly short: boolean;
}

interface Clock extends Pace {
  readonly factor: number;
  readonly canarySeconds: number;
}

const REAL: Clock = { factor: 1, intervalMs: 15_000, canarySeconds: 15, slackMs: 10_000 };
const SHORT: Clock = { factor: 15, intervalMs: 1_000, canarySeconds: 1, slackMs: 5_000 };

/** Without any alert, not even a pending one, before the region is killed; and how long that is waited for. */
const QUIET_INTERVALS = 6;
const QUIET_BUDGET_INTERVALS = 60;
/** Watched on after the last expected change, for what should not come. */
const WATCHED_INTERVALS = 3;
const POLL_MS = 200;
/** The canary's place and name in the stack; a file keeps it down as it does a region. */
const CANARY_HELD = 'outside.held';
const CANARY_ENDS_MS = 10_000;

/** A region is killed under a real Prometheus with the rules of this repository: exactly the alerts fire that should, when they should; and nothing is lost. */
export async function alerts(options: AlertsOptions): Promise<DrillResult> {
  const traces = await keepTraces();
  try {
    return await underPrometheus(options, traces);
  } finally {
    await traces.close();
  }
}

function underPrometheus({ ratePerSecond, dataDir, short }: AlertsOptions, traces: KeptTraces): Promise<DrillResult> {
  const clock = short ? SHORT : REAL;
  const env = { CANARY_EVERY_SECONDS: String(clock.canarySeconds), ...traces.env };
  return runRegionDrill({
    name: short ? 'alerts-short' : 'alerts',
    rig: { ratePerSecond, dataDir, failingPercent: 10, canary: true, env },
    script: async (rig, say) => {
      const prometheus = await startPrometheus({ ...clock, folder: join(rig.scratch, 'prometheus'), targets: targetsOf(rig) });
      const watch = new AlertWatch(prometheus);
      try {
        return await killUnderWatch(rig, { say, watch, clock, traces });
      } finally {
        watch.end();
        await prometheus.close();
      }
    },
  });
}

interface Watched {
  readonly say: (what: string) => void;
  readonly watch: AlertWatch;
  readonly clock: Clock;
  readonly traces: KeptTraces;
}

async function killUnderWatch(rig: RegionRig, { say, watch, clock, traces }: Watched): Promise<Observed> {
  const { book } = watch;
  const { intervalMs } = clock;
  const isQuiet = await watch.untilQuiet(QUIET_INTERVALS * intervalMs, QUIET_BUDGET_INTERVALS * intervalMs);
  const before = book.current.map(({ alert }) => alert);
  say(`kill -9 of ${rig.first}`);
  const killedMs = Date.now();
  const { faultMs, inHand, takenOverAfterMs } = await killAndTakeOver(rig);
  const traced = await takenOverTraces(rig, traces.store, killedMs);
  await until(() => allFired(book, rig.first), killedMs + lastFiringMs(clock));
  await pause(WATCHED_INTERVALS * intervalMs);
  const untilMs = monotonicMs();
  say(`${rig.first} comes back; ${book.current.map(({ alert }) => alert).join(', ')}`);
  const serving = until(() => isReady(rig.region(rig.first).services['ingress'] ?? ''), Date.now() + RETURN_BUDGET_MS);
  const [activeAgainAfterMs, servesMs] = await Promise.all([bringBack(rig), serving]);
  await until(() => book.current.length === 0, servesMs + goneWithinMs(clock));
  await pause(WATCHED_INTERVALS * intervalMs);
  await endCanary(rig);
  const moments = { killedMs, servesMs };
  return {
    faultMs,
    untilMs,
    allowed: { repeats: mostRepeats(rig, inHand) },
    figures: {
      takenOverAfterMs,
      activeAgainAfterMs,
      servedAfterMs: servesMs - killedMs,
      takenOverTraces: traced,
      alerts: book.episodes.map((episode) => told(episode, moments)),
    },
    findings: [
      ...finding('alerts were not quiet before', isQuiet ? [] : [before.join(', ') || 'a target does not answer']),
      ...finding('not taken over', takenOverAfterMs === null ? [`within ${FAILOVER_BUDGET_MS} ms`] : []),
      ...finding('not active again', activeAgainAfterMs === null ? [`within ${RETURN_BUDGET_MS} ms`] : []),
      ...untraced(traced),
      ...judgeAlerts(book.episodes, rig.first, moments, clock),
    ],
  };
}

function allFired({ episodes }: AlertBook, region: string): boolean {
  const fired = new Set(episodes.filter(({ firingMs }) => firingMs !== undefined).map(({ alert }) => alert));
  return expectedAlerts(region).every((alert) => fired.has(alert));
}

/** When the condition held, or the deadline came; wall clock. */
async function until(condition: () => boolean | Promise<boolean>, deadlineMs: number): Promise<number> {
  while (!(await condition()) && Date.now() < deadlineMs) await pause(POLL_MS);
  return Date.now();
}

/** Every service of every region, and the canary. */
function targetsOf(rig: RegionRig): Target[] {
  const services = [rig.first, rig.second].flatMap((id) =>
    Object.entries(rig.region(id).services).map(([service, url]): Target => {
      return { job: 'waybill', address: new URL(url).host, labels: { region: id, service } };
    }),
  );
  const { canary } = rig.stack.state();
  if (canary === undefined) throw new Error('this stack has no canary');
  return [...services, { job: 'waybill-canary', address: new URL(canary.url).host, labels: { service: 'canary' } }];
}

/** Its events would go on while everything is to come to rest. */
async function endCanary({ stack }: RegionRig): Promise<void> {
  const { canary } = stack.state();
  writeFileSync(join(stack.dataDir, CANARY_HELD), '');
  if (canary === undefined) return;
  process.kill(canary.pid, 'SIGTERM');
  await until(async () => !(await isReady(canary.url)), Date.now() + CANARY_ENDS_MS);
}
