import type { EventProgressRow } from '../../domain/event-progress.ts';
import type { EventRow } from '../../domain/rows.ts';
import type { Database } from '../store/database.ts';

/** How the deliveries of events stand, by event; one that has none yet is left out. */
export async function progressOf({ db }: Database, events: readonly EventRow[]): Promise<Map<string, EventProgressRow>> {
  if (events.length === 0) return new Map();
  const ids = events.map(({ id }) => id);
  const rows = await db.selectFrom('event_progress').selectAll().where('event_id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.event_id, row]));
}
