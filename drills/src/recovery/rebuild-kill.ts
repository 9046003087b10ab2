import { readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { pause, Progress } from '@waybill/bench';
import { killNow } from '../killing.ts';
import { finding } from '../proof.ts';
import { type DrillResult, resultOf } from '../result.ts';
import { type Rig, withRig } from '../rig.ts';
import { settle, untilIdle } from '../settle.ts';
import { beginBuild, untilBuilt, untilShown, verified } from './projections.ts';
import { describe, fillRate, type RecoveryOptions } from './redrive-kill.ts';

/** What came of one fault. */
interface Recovered {
  readonly fault: string;
  /** Until another projector was ready; null: none was in time. */
  readonly readyAfterMs: number | null;
  readonly comparedRows: number;
  readonly findings: readonly string[];
}

/** A verify compares up to the present end of a log that grows meanwhile. */
const LIVE_PER_SECOND = 20;
const MID_TRIES = 8;
const POLL_MS = 100;

/** The projector is killed in the middle of a rebuild and of a verify, and loses half of its database and all of it: each time the reads come back by themselves. */
export function rebuildKill(options: RecoveryOptions): Promise<DrillResult> {
  return withRig(options, async (rig) => {
    const progress = new Progress(() => describe(rig, []));
    try {
      rig.sender.changeRate(fillRate(options));
      rig.sender.start();
      while (rig.sender.counts.accepted < options.count) await pause(POLL_MS);
      rig.sender.changeRate(Math.min(options.ratePerSecond, LIVE_PER_SECOND));
      const faults: Recovered[] = [];
      for (const purpose of ['rebuild', 'verify'] as const) {
        progress.say(`kill in the middle of a ${purpose}`);
        faults.push(await compared(rig, `kill -9 in a ${purpose}`, () => killInBuild(rig, purpose)));
      }
      for (const [fault, harm] of Object.entries(HARMS)) {
        progress.say(fault);
        faults.push(await compared(rig, fault, () => killNow(rig, 'projector', () => harm(filesOf(rig)))));
      }
      const settled = await settle(rig, progress);
      const last = await compared(rig, 'after the load', async () => 0);
      const findings = [...settled.findings, ...[...faults, last].flatMap((fault) => fault.findings)];
      return {
        ...resultOf('rebuild-kill', rig, { ...settled, findings }),
        settings: { count: options.count, ratePerSecond: options.ratePerSecond, failingPercent: options.failingPercent },
        faults,
      };
    } finally {
      progress.close();
    }
  });
}

/** Kills the projector while it builds. Throws when builds are over too soon to be met, again and again. */
async function killInBuild(rig: Rig, purpose: 'rebuild' | 'verify'): Promise<number | null> {
  for (let tries = 0; tries < MID_TRIES; tries += 1) {
    await beginBuild(rig, purpose);
    const { build } = await untilShown(rig, (shown) => shown.build === null || shown.build.facts.read > 0);
    if (build === null) continue;
    const readyAfterMs = await killNow(rig, 'projector');
    await untilBuilt(rig);
    return readyAfterMs;
  }
  throw new Error(`no ${purpose} took long enough to be killed in it: use a larger --count`);
}

/** Causes a fault, waits until the read models have caught up, and compares them with the log. */
async function compared(rig: Rig, fault: string, cause: () => Promise<number | null>): Promise<Recovered> {
  const readyAfterMs = await cause();
  await untilIdle(rig, { say: () => undefined }, ({ projector }) => projector < 1_000);
  const { rows, wrong } = await verified(rig);
  const findings = [
    ...finding(`${fault}: the projector did not become ready`, readyAfterMs === null ? ['within a minute'] : []),
    ...finding(`${fault}: read models that differ`, wrong),
    ...finding(`${fault}: nothing was compared`, rows > 0 ? [] : ['0 rows']),
  ];
  return { fault, readyAfterMs, comparedRows: rows, findings };
}

const HARMS: Readonly<Record<string, (files: readonly string[]) => void>> = {
  'database cut in half': (files) => {
    for (const file of files.filter((name) => name.endsWith('.sqlite'))) truncateSync(file, Math.floor(statSync(file).size / 2));
  },
  'database deleted': (files) => {
    for (const file of files) rmSync(file, { force: true });
  },
};

/** All that the projector keeps. */
function filesOf({ stack, pipeline }: Rig): string[] {
  const folder = join(stack.dataDir, pipeline.region, 'projector');
  return readdirSync(folder).map((name) => join(folder, name));
}
