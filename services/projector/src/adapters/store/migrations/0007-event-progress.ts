import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Engine } from '../database.ts';
import { createTable } from './table.ts';

/** Deliveries read by one statement. */
const CHUNK = 1_000;
type Delivery = Readonly<Record<'id' | 'event_id' | 'scope' | 'state', string>>;

const OPEN: ReadonlySet<string> = new Set(['planned', 'delivering', 'retrying']);
const FAILED: ReadonlySet<string> = new Set(['dead_lettered', 'denied']);

/** How the deliveries of each event stand, so that a list of events tells it. Those that are here already are counted, a chunk after the other. */
export const eventProgress = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    const counters = { open_count: 'whole', delivered_count: 'whole', failed_count: 'whole' } as const;
    await createTable(db, engine, 'event_progress', { columns: { event_id: 'text', scope: 'text', ...counters }, key: ['event_id'] });
    for (let after = ''; ;) {
      const { rows } = await sql<Delivery>`
        select id, event_id, scope, state from delivery where id > ${after} order by id limit ${CHUNK}`.execute(db);
      for (const row of rows) await count(db, row);
      const last = rows.at(-1);
      if (last === undefined || rows.length < CHUNK) return;
      after = last.id;
    }
  },
});

async function count(db: Kysely<unknown>, { event_id: id, scope, state }: Delivery): Promise<void> {
  const [open, delivered, failed] = [Number(OPEN.has(state)), Number(state === 'delivered'), Number(FAILED.has(state))];
  await sql`insert into event_progress (event_id, scope, open_count, delivered_count, failed_count)
    values (${id}, ${scope}, ${open}, ${delivered}, ${failed})
    on conflict (event_id) do update set open_count = event_progress.open_count + excluded.open_count,
      delivered_count = event_progress.delivered_count + excluded.delivered_count, failed_count = event_progress.failed_count + excluded.failed_count`.execute(
    db,
  );
}
