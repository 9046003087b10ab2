import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Deliveries read by one statement. */
const CHUNK = 1_000;
type Delivery = Readonly<Record<'id' | 'job_id' | 'state', string>>;

/** How the deliveries of each job ended is a counter too; those that jobs have made already are counted, a chunk after the other. */
export const jobTotals = (): Migration => ({
  async up(db: Kysely<unknown>): Promise<void> {
    const counts = new Map<string, Map<string, number>>();
    for (let after = ''; ;) {
      const { rows } = await sql<Delivery>`
        select id, job_id, state from delivery where job_id is not null and id > ${after} order by id limit ${CHUNK}`.execute(db);
      for (const { job_id: job, state } of rows) {
        const states = counts.get(job) ?? new Map<string, number>();
        for (const one of ['total', state]) states.set(one, (states.get(one) ?? 0) + 1);
        counts.set(job, states);
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < CHUNK) break;
      after = last.id;
    }
    for (const [job, states] of counts)
      for (const [state, value] of states)
        await sql`insert into total (scope, scope_id, subject, state, value) values ('job', ${job}, 'delivery', ${state}, ${value})`.execute(
          db,
        );
  },
});
