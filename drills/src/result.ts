import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commitOf, machine, REPOSITORY } from '@waybill/bench';
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
  const ends = [...log.ends.values()].flat();
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
      inLog: { events: log.accepted.size, deliveries: log.ends.size, attempts: log.attempts, ends: ends.length },
      withoutEnd: log.withoutEnd.length,
      withTwoEnds: log.endedTwice.length,
      plannedTwice: log.plannedTwice.length,
      storedTwice: log.sameKey.length,
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
