import { monotonicMs, pause, Progress } from '@waybill/bench';
import { type DrillResult, resultOf } from './result.ts';
import { type Rig, type RigOptions, withRig } from './rig.ts';
import { finding } from './proof.ts';
import { settle } from './settle.ts';

export interface FullDrill {
  readonly name: string;
  readonly rig: RigOptions;
  readonly beforeLoad?: (rig: Rig) => void;
  /** Makes room again. */
  readonly giveRoom: (rig: Rig) => Promise<void>;
}

const FILL_BUDGET_MS = 120_000;
const REFUSALS_WANTED = 50;
/** How long the door stays shut while it is watched. */
const WATCHED_MS = 4_000;
const RECOVERY_BUDGET_MS = 60_000;
const POLL_MS = 50;

/** Loads a region until its LOG cannot take more, watches that the door says so, gives room, and checks that everything goes on by itself. */
export function runFull({ beforeLoad, giveRoom, name, rig: options }: FullDrill): Promise<DrillResult> {
  return withRig(options, async (rig) => {
    const progress = new Progress(() => `accepted ${rig.sender.counts.accepted}, answers ${JSON.stringify(rig.sender.counts.answers)}`);
    try {
      beforeLoad?.(rig);
      rig.sender.start();
      const refusedAfterMs = await until(() => refusals(rig) >= REFUSALS_WANTED, FILL_BUDGET_MS);
      await pause(WATCHED_MS);
      progress.say('giving room');
      const atRoom = rig.sender.counts;
      await giveRoom(rig);
      const recoveredAfterMs = await until(() => rig.sender.counts.accepted > atRoom.accepted + options.ratePerSecond, RECOVERY_BUDGET_MS);
      const settled = await settle(rig, progress);
      const findings = [
        ...settled.findings,
        ...finding('never refused with 503', refusedAfterMs === null ? [JSON.stringify(rig.sender.counts.answers)] : []),
        ...finding('did not recover by itself', recoveredAfterMs === null ? [`within ${RECOVERY_BUDGET_MS} ms`] : []),
      ];
      return { ...resultOf(name, rig, { ...settled, findings }), refusedAfterMs, recoveredAfterMs };
    } finally {
      progress.close();
    }
  });
}

const refusals = ({ sender }: Rig): number => sender.counts.answers['503'] ?? 0;

/** Milliseconds until the condition held; null when that took longer than the budget. */
async function until(condition: () => boolean, budgetMs: number): Promise<number | null> {
  const startMs = monotonicMs();
  while (!condition()) {
    if (monotonicMs() - startMs > budgetMs) return null;
    await pause(POLL_MS);
  }
  return Math.round(monotonicMs() - startMs);
}
