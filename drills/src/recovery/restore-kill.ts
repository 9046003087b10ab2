import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monotonicMs, pause, Pipeline, Progress, startStack } from '@waybill/bench';
import { finding } from '../proof.ts';
import { type DrillResult, resultOf } from '../result.ts';
import { type Rig, RIG_ENV, withRig } from '../rig.ts';
import { settle, type Settled } from '../settle.ts';
import { type CliEnded, runCli } from './run-cli.ts';
import { SICK } from './dead-letters.ts';
import { describe, fillRate, type RecoveryOptions } from './redrive-kill.ts';

const BUSY = 503;
const ACCEPT_BUDGET_MS = 60_000;
const POLL_MS = 100;
/** The restore is killed when it begins with its first stream, and once more when it begins with the third. */
const KILLED_AT = [1, 3] as const;

/** A region is backed up under load and lost; its restore is killed twice, finished, and started; all that was owed at the backup is delivered. */
export function restoreKill(options: RecoveryOptions): Promise<DrillResult> {
  return withRig(options, async (rig) => {
    const progress = new Progress(() => describe(rig, []));
    const folder = mkdtempSync(join(tmpdir(), 'waybill-drill-restored-'));
    const places = { backup: join(folder, 'backup'), data: join(folder, 'data') };
    try {
      // What is owed to it waits in the RETRY stream while the backup is made.
      await rig.receiver.refuse([SICK], BUSY);
      rig.sender.changeRate(fillRate(options));
      rig.sender.start();
      while (rig.sender.counts.accepted < options.count) await pause(POLL_MS);
      const owed = [...rig.sender.accepted];
      progress.say(`backup of ${owed.length} events and more, under load`);
      const backupMs = await timed(() => rig.stack.command(['backup', '--to', places.backup]));
      await rig.sender.stop(ACCEPT_BUDGET_MS);
      await rig.stack.command(['stop']);
      progress.say('restore');
      const restored = await restoreUnderKills(places);
      const settled = await startAndSettle(rig, progress, { owed, dataDir: places.data });
      const findings = [...settled.findings, ...restored.findings];
      const figures = { owedAtBackup: owed.length, backupMs, restoreMs: restored.tookMs, restoreKilled: restored.killed };
      if (findings.length === 0) rmSync(folder, { recursive: true, force: true });
      else progress.say(`the restored data stays in ${folder}`);
      return {
        ...resultOf('restore-kill', rig, { ...settled, findings }),
        settings: { count: options.count, ratePerSecond: options.ratePerSecond, failingPercent: options.failingPercent },
        ...figures,
      };
    } finally {
      progress.close();
    }
  });
}

interface Restored {
  readonly killed: number;
  /** Of the run that came to its end. */
  readonly tookMs: number;
  readonly findings: readonly string[];
}

async function restoreUnderKills({ backup, data }: { backup: string; data: string }): Promise<Restored> {
  const args = ['restore', '--from', backup, '--data', data];
  let killed = 0;
  for (const stream of KILLED_AT) if ((await restoreRun(args, stream)).code === null) killed += 1;
  const startMs = monotonicMs();
  const { code, said } = await restoreRun(args, Number.POSITIVE_INFINITY);
  return {
    killed,
    tookMs: Math.round(monotonicMs() - startMs),
    findings: [
      ...finding('the restore did not finish when it was run again', code === 0 ? [] : [said.slice(-2_000)]),
      ...finding('the restore was over before it could be killed', killed === 0 ? ['not once'] : []),
    ],
  };
}

/** Kills a restore when it begins with its n-th stream. */
const restoreRun = (args: readonly string[], killAt: number): Promise<CliEnded> =>
  runCli(args, (said) => (said.match(/: \d+ messages, /g) ?? []).length >= killAt);

interface Wanted {
  readonly owed: Rig['sender']['accepted'];
  readonly dataDir: string;
}

/** Starts a stack on what was restored, makes the receiver well, and compares what was owed at the backup. */
async function startAndSettle(rig: Rig, progress: Progress, { owed, dataDir }: Wanted): Promise<Settled> {
  const stack = await startStack({ dataDir, env: RIG_ENV });
  try {
    const pipeline = await Pipeline.connect(stack.region());
    try {
      await rig.receiver.refuse([], BUSY);
      const ids = new Set(owed.map(({ id }) => id));
      return await settle({ ...rig, stack, pipeline }, progress, { accepted: owed, counts: ({ id }) => ids.has(id) });
    } finally {
      await pipeline.close();
    }
  } finally {
    await stack.stop();
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startMs = monotonicMs();
  await work();
  return Math.round(monotonicMs() - startMs);
}
