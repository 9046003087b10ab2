import { streamNames } from '@waybill/contracts';
import type { AttemptRow, DeadLetterRow, EventRow } from '../../domain/rows.ts';
import type { Database } from '../store/database.ts';
import { attemptsOfDelivery } from './story.ts';
import { checkpoints } from './totals.ts';

/** Where a message lies in this region's streams. */
export interface Place {
  readonly stream: string;
  readonly seq: number;
}

/** Where this region has the event of a dead letter, and the plan that names its delivery. Null when it has (or had) neither. */
export interface DeadLetterPlaces {
  readonly event: Place | null;
  readonly plan: Place | null;
}

type EventPlace = Pick<EventRow, 'id' | 'region' | 'stream' | 'accepted_seq' | 'origin_seq' | 'plan_seq'>;

/** Looks the places of dead letters up, by their ids. */
export async function placesOf(database: Database, rows: readonly DeadLetterRow[]): Promise<Map<string, DeadLetterPlaces>> {
  if (rows.length === 0) return new Map();
  const { db } = database;
  const eventIds = [...new Set(rows.map(({ event_id: id }) => id))];
  const events: EventPlace[] = await db
    .selectFrom('event')
    .select(['id', 'region', 'stream', 'accepted_seq', 'origin_seq', 'plan_seq'])
    .where('id', 'in', eventIds)
    .execute();
  const ids = rows.map(({ id }) => id);
  const deliveries = await db.selectFrom('delivery').select(['id', 'plan_stream', 'plan_seq']).where('id', 'in', ids).execute();
  const eventOf = new Map(events.map((row) => [row.id, row]));
  const planOf = new Map(deliveries.map((row) => [row.id, place(row.plan_stream, row.plan_seq)]));
  const log = (await checkpoints(database)).find(({ stream }) => stream.startsWith('LOG_'))?.stream;
  return new Map(
    rows.map((row) => {
      const event = eventOf.get(row.event_id);
      const plan = planOf.get(row.id) ?? (row.kind === 'delivery' ? place(event?.stream, event?.plan_seq) : null);
      return [row.id, { event: placeOf(event, log), plan }];
    }),
  );
}

/** What could not even be read as an event is known by where it lies in the LOG of the region that accepted it: that is a place only there. */
function placeOf(event: EventPlace | undefined, log: string | undefined): Place | null {
  if (event === undefined) return null;
  if (event.accepted_seq === 0) return log === streamNames(event.region).log ? place(log, event.origin_seq) : null;
  return place(event.stream, event.accepted_seq);
}

const place = (stream: string | null | undefined, seq: number | null | undefined): Place | null => (stream && seq ? { stream, seq } : null);

/** One dead letter with what led to it. */
export interface DeadLetterStory {
  readonly deadLetter: DeadLetterRow;
  readonly places: DeadLetterPlaces | undefined;
  readonly event: EventRow | undefined;
  /** Oldest first; none for an event. */
  readonly attempts: readonly AttemptRow[];
}

export async function deadLetterStory(database: Database, id: string): Promise<DeadLetterStory | undefined> {
  const { db } = database;
  const deadLetter = await db.selectFrom('dead_letter').selectAll().where('id', '=', id).executeTakeFirst();
  if (deadLetter === undefined) return undefined;
  return {
    deadLetter,
    places: (await placesOf(database, [deadLetter])).get(id),
    event: await db.selectFrom('event').selectAll().where('id', '=', deadLetter.event_id).executeTakeFirst(),
    attempts: await attemptsOfDelivery(database, id),
  };
}
