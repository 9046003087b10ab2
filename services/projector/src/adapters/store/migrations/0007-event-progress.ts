import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Engine } from '../database.ts';
import { createTable } from './table.ts';

/** Deliveries read by one statement. */
const CHUNK = 1_000;
type Delivery = Readonly<Record<'id' | 'event_id' | 'scope' | 'state', string>>;

const OPEN: ReadonlySet<string> = new Set(['planned', 'delivering', 'retrying']);
const FAILED: ReadonlySet<string> = new Set(['dead_lettered', 'denied']);

interface Progress {
  readonly id: string;
  readonly scope: string;
  open: number;
  delivered: number;
  failed: number;
}

/** How the deliveries of each event stand, so that a list of events tells it. Those that are here already are counted, a chunk after the other. */
export const eventProgress = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    const counters = { open_count: 'whole', delivered_count: 'whole', failed_count: 'whole' } as const;
    await createTable(db, engine, 'event_progress', { columns: { event_id: 'text', scope: 'text', ...counters }, key: ['event_id'] });
    for (let after = ''; ;) {
      const { rows } = await sql<Delivery>`
        select id, event_id, scope, state from delivery where id > ${after} order by id limit ${CHUNK}`.execute(db);
      const last = rows.at(-1);
      if (last === undefined) return;
      await add(db, countedIn(rows));
      after = last.id;
    }
  },
});

function countedIn(rows: readonly Delivery[]): Progress[] {
  const counted = new Map<string, Progress>();
  for (const { event_id: id, scope, state } of rows) {
    const known = counted.get(id) ?? { id, scope, open: 0, delivered: 0, failed: 0 };
    counted.set(id, known);
    if (OPEN.has(state)) known.open += 1;
    if (state === 'delivered') known.delivered += 1;
    if (FAILED.has(state)) known.failed += 1;
  }
  return [...counted.values()];
}

/** One statement for a chunk: one for each delivery took PostgreSQL three minutes for a million. */
async function add(db: Kysely<unknown>, counted: readonly Progress[]): Promise<void> {
  const tuples = counted.map(({ id, scope, open, delivered, failed }) => sql`(${id}, ${scope}, ${open}, ${delivered}, ${failed})`);
  await sql`insert into event_progress (event_id, scope, open_count, delivered_count, failed_count) values ${sql.join(tuples)}
    on conflict (event_id) do update set open_count = event_progress.open_count + excluded.open_count,
      delivered_count = event_progress.delivered_count + excluded.delivered_count,
      failed_count = event_progress.failed_count + excluded.failed_count`.execute(db);
}
