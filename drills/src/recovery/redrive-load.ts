import { type LogRecord, type Latencies, latenciesOf, monotonicMs, pause, Progress } from '@waybill/bench';
import { type DrillResult, resultOf } from '../result.ts';
import { withRig } from '../rig.ts';
import { settle } from '../settle.ts';
import { makeDeadLetters, sickEndpoint } from './dead-letters.ts';
import { commandJob, jobFindings, makeJob, rateOf, untilState } from './jobs.ts';
import { describe, fillRate, type RecoveryOptions, redrivenFindings } from './redrive-kill.ts';

export interface LoadOptions extends RecoveryOptions {
  /** Dead letters a second that the job is allowed. */
  readonly jobRate: number;
}

/** How long the live traffic is watched without a redrive. */
const ALONE_MS = 20_000;
const END_BUDGET_MS = 3_600_000;
const TARGET_P95_MS = 50;

/** Many dead letters are redriven beside live traffic: how long a 202 takes without and with it. What is measured is told, and only what is lost or doubled is a finding. */
export function redriveLoad(options: LoadOptions): Promise<DrillResult> {
  return withRig(options, async (rig) => {
    const progress = new Progress(() => describe(rig, []));
    try {
      const dead = await makeDeadLetters(rig, { ...options, fillRate: fillRate(options) });
      const aloneMs = monotonicMs();
      await pause(ALONE_MS);
      const untilMs = monotonicMs();
      progress.say(`${dead} dead letters to redrive`);
      const filter = { tenantId: rig.wiring.tenant, endpointId: sickEndpoint(rig) };
      const planned = await makeJob(rig, '/v1/dead-letters/redrive', { filter, ratePerSecond: options.jobRate });
      const plannedMs = monotonicMs();
      await commandJob(rig, planned.id, 'start');
      const job = await untilState(rig, planned.id, [], END_BUDGET_MS);
      const endedMs = monotonicMs();
      const settled = await settle(rig, progress);
      const findings = [...settled.findings, ...jobFindings(job, dead), ...(await redrivenFindings(rig, planned.id, dead))];
      const alone = acksIn(rig.sender.accepted, aloneMs, untilMs);
      const beside = acksIn(rig.sender.accepted, plannedMs, endedMs);
      const figures = {
        deadLetters: dead,
        jobRatePerSecond: options.jobRate,
        reachedPerSecond: rateOf(job),
        listedAndCountedMs: Math.round(plannedMs - untilMs),
        ackMs: { alone, whileCounted: acksIn(rig.sender.accepted, untilMs, plannedMs), besideRedrive: beside },
        p95Ratio: Math.round((beside.p95 / alone.p95) * 100) / 100,
        target: { p95Ms: TARGET_P95_MS, isMet: beside.p95 < TARGET_P95_MS },
      };
      return {
        ...resultOf('redrive-load', rig, { ...settled, findings }),
        settings: { count: options.count, ratePerSecond: options.ratePerSecond, failingPercent: options.failingPercent },
        ...figures,
      };
    } finally {
      progress.close();
    }
  });
}

/** From the first try to the 202, of events that were first tried in a window. */
function acksIn(accepted: readonly LogRecord[], fromMs: number, toMs: number): Latencies {
  const inside = accepted.filter(({ first }) => first >= fromMs && first < toMs);
  const rounded = Object.entries(latenciesOf(Float64Array.from(inside, ({ first, second }) => second - first)));
  const {
    count = 0,
    p50 = 0,
    p95 = 0,
    p99 = 0,
    max = 0,
  } = Object.fromEntries(rounded.map(([name, ms]) => [name, Math.round(ms * 100) / 100]));
  return { count, p50, p95, p99, max };
}
