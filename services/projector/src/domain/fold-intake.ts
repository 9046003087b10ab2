import type { FactOf } from './fact.ts';
import type { WorkingSet } from './working-set.ts';

/** Several processes of a region write these, each by its own clock. */
const OUT_OF_TURN_MS = 3_600_000;

/**
 * What an ingress measured is counted once. The facts of one region are read in the order of its LOG, so what lies behind the newest that was counted is
 * known; one of a LOG that was made anew, with sequences from the beginning, is newer by its time.
 */
export function foldMeasured(set: WorkingSet, { fact, origin, from }: FactOf<'intake.measured'>): void {
  const at = Date.parse(fact.at);
  const mark = set.intakeMark(from);
  const isNew = mark === undefined || at > mark.at || (origin.seq > mark.origin_seq && at > mark.at - OUT_OF_TURN_MS);
  if (!isNew) return;
  set.intakeMarks.set(from, { region: from, origin_seq: origin.seq, at: Math.max(at, mark?.at ?? at) });
  const refused = Object.values(fact.refused).reduce((sum, count) => sum + count, 0);
  set.intakes.push({ region: fact.region, at, ack: fact.ack, refused });
}
