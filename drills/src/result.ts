import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commitOf, machine, REPOSITORY } from '@waybill/bench';
import { countOf, totalsOf } from './proof.ts';
import type { Rig } from './rig.ts';
import type { Settled } from './settle.ts';

/** What every drill reports; a drill adds its own figures. */
export interface DrillResult {
  readonly drill: string;
  readonly date: string;
  readonly commit: string;
  readonly machine: ReturnType<typeof machine>;
  readonly sent: object;
  readonly found: object;
  readonly findings: readonly string[];
}

/** The part of a result that all drills share. */
export function resultOf(
  drill: string,
  { pipeline, sender }: Pick<Rig, 'pipeline' | 'sender'>,
  { comparison, findings, log }: Settled,
): DrillResult {
  const { accepted, owed, delivered, missing, refusedOnPurpose, repeated, unexpected } = comparison;
  const { events, deliveries, attempts, delivered: ended, dead_lettered, denied } = totalsOf(log);
  const { violations, notices } = log;
  return {
    drill,
    date: new Date().toISOString(),
    commit: commitOf(REPOSITORY),
    machine: machine(pipeline.natsVersion),
    sent: sender.counts,
    found: {
      accepted,
      owed,
      delivered,
      lost: missing.length,
      unexpected,
      repeated,
      refusedOnPurpose,
      inLog: { events, deliveries, attempts, ends: ended + dead_lettered + denied },
      withoutEnd: countOf(violations, 'without_end'),
      withTwoEnds: countOf(violations, 'ended_twice') + countOf(notices, 'ended_elsewhere_too'),
      plannedTwice: countOf(violations, 'planned_twice'),
      storedTwice: countOf(violations, 'same_key'),
    },
    findings,
  };
}

/** Writes a result to `out`, or to drills/results/<drill>.json. Returns where. */
export function saveResult(result: DrillResult, out: string | undefined): string {
  const file = out ?? join(REPOSITORY, 'drills/results', `${result.drill}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  return file;
}
