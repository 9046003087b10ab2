import type { EventLog, Found } from '../event-log.ts';
import type { DispatchFacts } from './plan-run.ts';
import type { RunIndex } from './run-index.ts';

export interface OpenRunsPorts {
  /** The finished runs of a region, and what was set aside; no plans. */
  readonly runs: Pick<EventLog, 'scan'>;
  readonly index: RunIndex;
  readonly facts: Pick<DispatchFacts, 'catchUp'>;
}

/** Shows the finished runs of which no decision is known, or one stored since `decidedSinceMs`, and what was set aside: as far back as all decisions are known. */
export const openRuns =
  ({ runs, index, facts }: OpenRunsPorts) =>
  async (decidedSinceMs: number, visit: (found: Found) => void): Promise<void> => {
    await facts.catchUp();
    await runs.scan({ fromMs: index.completeSinceMs }, (found) => {
      const decided = found.kind === 'accepted' && found.eventId !== undefined ? index.decisionOf(found.eventId) : undefined;
      if (decided === undefined || decided.storedMs >= decidedSinceMs) visit(found);
    });
  };
