import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commitOf, machine, monotonicMs, REPOSITORY } from '@waybill/bench';
import { type DrillResult, saveResult } from './result.ts';

/** What is rehearsed how often. */
export const CALENDAR = {
  weekly: ['config-rollback'],
  monthly: ['redrive-kill', 'replay-kill'],
  quarterly: ['planned-failover', 'region-kill', 'region-return', 'restore-kill'],
} as const;
export type CalendarName = keyof typeof CALENDAR;
export const CALENDAR_NAMES = ['weekly', 'monthly', 'quarterly'] as const satisfies readonly CalendarName[];

/** What came of one drill of a GameDay. A drill that broke down before its end has its error among the findings. */
interface Rehearsed {
  readonly drill: string;
  readonly ok: boolean;
  readonly tookSeconds: number;
  readonly findings: readonly string[];
  readonly found: object;
}

type RunDrill = (drill: string) => Promise<DrillResult | undefined>;

/** Runs the drills of a calendar one after the other, saves the result of each, and writes one summary. Resolves with whether all invariants held. */
export async function gameday(calendar: CalendarName, run: RunDrill, out: string | undefined): Promise<boolean> {
  // Results that are written on the way make the tree dirty.
  const [date, commit] = [new Date().toISOString(), commitOf(REPOSITORY)];
  const drills: Rehearsed[] = [];
  for (const drill of CALENDAR[calendar]) {
    console.error(`--- ${drill}`);
    drills.push(await rehearse(drill, run));
  }
  const { natsServer: _, ...here } = machine('');
  const summary = { drill: `gameday-${calendar}`, date, commit, machine: here, drills };
  const file = out ?? join(REPOSITORY, 'drills/results', `${summary.drill}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(summary, null, 2)}\n`);
  for (const { drill, ok, findings } of drills) console.log(`${ok ? 'ok    ' : 'BROKEN'}  ${[drill, ...findings].join('\n        ')}`);
  console.log(`summary in ${file}`);
  return drills.every(({ ok }) => ok);
}

async function rehearse(drill: string, run: RunDrill): Promise<Rehearsed> {
  const startMs = monotonicMs();
  const took = (): number => Math.round((monotonicMs() - startMs) / 1_000);
  try {
    const result = await run(drill);
    if (result === undefined) return { drill, ok: false, tookSeconds: took(), findings: ['was skipped'], found: {} };
    saveResult(result, undefined);
    const { findings, found } = result;
    return { drill, ok: findings.length === 0, tookSeconds: took(), findings, found };
  } catch (error) {
    return { drill, ok: false, tookSeconds: took(), findings: [`broke down: ${String(error)}`], found: {} };
  }
}
