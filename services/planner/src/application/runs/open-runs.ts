import type { EventLog, Found } from '../event-log.ts';
import type { RunIndex } from './run-index.ts';

/**
 * Shows the finished runs of a region of which no decision is known, or one made since `decidedSinceMs`, and what was set aside: as far back as all decisions
 * are known. `runs` shows no plans.
 */
export const openRuns =
  (runs: Pick<EventLog, 'scan'>, index: RunIndex) =>
  async (decidedSinceMs: number, visit: (found: Found) => void): Promise<void> => {
    await runs.scan({ fromMs: index.completeSinceMs }, (found) => {
      const decided = found.kind === 'accepted' && found.eventId !== undefined ? index.decisionOf(found.eventId) : undefined;
      if (decided === undefined || decided.atMs >= decidedSinceMs) visit(found);
    });
  };
