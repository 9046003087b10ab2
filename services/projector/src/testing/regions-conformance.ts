import { sql } from 'kysely';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Database } from '../adapters/store/database.ts';
import { migrate } from '../adapters/store/migrate.ts';
import { projectionStore } from '../adapters/store/projection-store.ts';
import { applyFacts, applyRegistry } from '../application/apply-batch.ts';
import { readFact, type StoredMessage } from '../domain/read-fact.ts';
import { readRegistry, type RegistryEntry } from '../domain/registry-versions.ts';
import { isEmptyRollup } from '../domain/rollup-merge.ts';
import { type AllRows, allRows, emptyStore, linesOf } from './empty-store.ts';
import { groupKey, MemoryRows } from './memory-rows.ts';
import { copiesIn, SampleLog } from './sample-facts.ts';
import { registryEntry, sampleEndpoint } from './sample-registry.ts';
import { anyTwoLogs, cut } from './sample-sequence.ts';

/** Brings an empty database to the first shape, writes a row of each table that changed since, and goes on to the newest. Gives what is there then. */
export async function migratedWithRows(database: Database): Promise<AllRows> {
  await migrate(database, '0001-read-models');
  const { db } = database;
  await sql`insert into event values ('evt_1', 't', 'a', 's', 'local', 1, 'planned', null, null, null, null, 'LOG_LOCAL', 7, 8, 1)`.execute(
    db,
  );
  await sql`insert into delivery values ('dlv_1', 'evt_1', 't', 'ep', 'a', 'local', 1, 'delivered', 1, 200, null, null, 2, 2, null)`.execute(
    db,
  );
  await sql`insert into attempt values ('dlv_1', 1, 'evt_1', 't', 'ep', 'local', 2, 12, 'accepted', 200, null, null, 'ok')`.execute(db);
  await sql`insert into dead_letter values ('dlv_0', 'delivery', 1, 't', 'ep', 'evt_0', 'a', 'local', 'r', null, null)`.execute(db);
  await sql`insert into tenant values ('t', 'T', 'local', 1, 1)`.execute(db);
  await sql`insert into checkpoint values ('main', 'LOG_LOCAL', 9, 'then')`.execute(db);
  await sql`insert into endpoint values ('ep', 't', 'https://example.com', '[]', 'local', null, null, 1, 1)`.execute(db);
  await migrate(database);
  return allRows(database);
}

export function expectRowsKept(rows: AllRows): void {
  const counts = Object.fromEntries(Object.entries(rows).map(([table, kept]) => [table, kept.length]));
  expect(counts).toMatchObject({ event: 1, delivery: 1, attempt: 1, dead_letter: 1, tenant: 1, endpoint: 1 });
  expect(rows['dead_letter_group']).toEqual([expect.stringContaining('["endpoint_id","ep"],["open",1],["reason","r"]')]);
  expect(rows['dead_letter']?.[0]).toContain('["state","open"]');
  expect(rows['event']?.[0]).toContain('["accepted_seq",7]');
  expect(rows['event']?.[0]).toContain('["origin_seq",7]');
  expect(rows['attempt']?.[0]).toContain('["region","local"],["response","ok"],["scope","g"]');
  expect(rows['endpoint']?.[0]).toContain('["written_in","local"]');
  const progress = '[["delivered_count",1],["event_id","evt_1"],["failed_count",0],["open_count",0],["scope","g"]]';
  expect(rows['event_progress']).toEqual([progress]);
  const deadLetters = (rows['total'] ?? []).filter((row) => row.includes('dead_letter'));
  expect(deadLetters).toHaveLength(8);
  expect(deadLetters).toContain('[["scope","endpoint"],["scope_id","ep"],["state","open"],["subject","dead_letter"],["value",1]]');
  expect(rows['checkpoint']?.[0]).toMatch(/\["measured_since",\d+\].*\["seq",9\]/);
}

/** What every store must do about facts and records of several regions. */
export function regionsConformance(opened: () => Database): void {
  it('gives the rows that folding in memory gives, for any facts of two regions in any batches, LOG and PEERS apart', async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(anyTwoLogs, lengths, async ([us, eu], sizes) => {
        await emptyStore(opened());
        const memory = new MemoryRows();
        for (const messages of [us.messages, copiesIn('PEERS_US', eu.messages)]) {
          await project(opened(), messages, sizes);
          memory.apply(messages.map(readFact));
        }
        expect(await allRows(opened())).toMatchObject({
          event: linesOf(memory.events.values()),
          delivery: linesOf(memory.deliveries.values()),
          event_progress: linesOf(memory.progress.values()),
          attempt: linesOf(memory.attempts.values()),
          dead_letter: linesOf(memory.deadLetters.values()),
          resolution: linesOf(memory.resolutions.values()),
          delivery_instruction: linesOf(memory.instructions.values()),
          management_action: linesOf(memory.actions.values()),
          claim: linesOf(memory.claims.values()),
          region_change: linesOf(memory.regionChanges.values()),
          dispatch: linesOf(memory.dispatches.values()),
          dispatch_target: linesOf(memory.targets.values()),
          dispatch_report: linesOf(memory.reports.values()),
          dispatch_sweep: linesOf(memory.sweeps.values()),
          intake_mark: linesOf(memory.intakeMarks.values()),
          projection_problem: linesOf(memory.problems.values()),
        });
        expect(await measuresIn(opened())).toEqual(memory.measures());
        expect(await openByGroup(opened())).toEqual(new Map([...memory.groups].filter(([, open]) => open !== 0)));
      }),
      { numRuns: 25 },
    );
  });

  it('loses nothing when LOG and PEERS are applied at once and tell of the same deliveries', async () => {
    await emptyStore(opened());
    const us = new SampleLog('us');
    const eu = new SampleLog('eu', { acceptedIn: () => 'us' });
    for (let n = 0; n < 40; n += 1) {
      us.planned(n, ['ep_a']);
      eu.attempted(n, 'ep_a', 1, { kind: 'delivered' });
    }
    const copies = copiesIn('PEERS_US', eu.messages);
    await Promise.all([project(opened(), us.messages, [1]), project(opened(), copies, [1])]);
    const memory = new MemoryRows();
    memory.apply([...us.messages, ...copies].map(readFact));
    const { delivery, attempt } = await allRows(opened());
    expect({ delivery, attempt }).toEqual({
      delivery: linesOf(memory.deliveries.values()),
      attempt: linesOf(memory.attempts.values()),
    });
    expect(await measuresIn(opened())).toEqual(memory.measures());
  });

  it('keeps the newest of what several regions say of a record, and forgets what was removed', async () => {
    await emptyStore(opened());
    const endpoint = (updatedAt: string, url: string) => ({ ...sampleEndpoint('ep_a'), updatedAt, url });
    await register(opened(), [
      registryEntry(1, 'us.endpoint.acme.ep_a', endpoint('2026-01-03T00:00:00.000Z', 'https://u:hunter2@us.example')),
    ]);
    await register(opened(), [registryEntry(2, 'eu.endpoint.acme.ep_a', endpoint('2026-01-02T00:00:00.000Z', 'https://eu.example'))]);
    const rows = (await allRows(opened()))['endpoint'] ?? [];
    expect(rows.map((row) => row.includes('https://us.example'))).toEqual([true]);
    expect(rows.join('')).not.toMatch(/whsec_|hunter2|X-Secret/);
    await register(opened(), [registryEntry(3, 'eu.endpoint.acme.ep_a', { removed: true, updatedAt: '2026-01-04T00:00:00.000Z' })]);
    await register(opened(), [registryEntry(4, 'us.endpoint.acme.ep_a', endpoint('2026-01-03T12:00:00.000Z', 'https://us.example'))]);
    expect(await allRows(opened())).toMatchObject({ endpoint: [], removed_record: [expect.stringContaining('ep_a')] });
    await register(opened(), [registryEntry(5, 'us.endpoint.acme.ep_a', endpoint('2026-01-05T00:00:00.000Z', 'https://us.example'))]);
    expect(await allRows(opened())).toMatchObject({ endpoint: [expect.stringContaining('ep_a')], removed_record: [] });
  });
}

/** Rollups and schema counts, but those that came back to nothing. */
async function measuresIn({ db }: Database) {
  const rollups = await db.selectFrom('rollup').selectAll().orderBy('id').execute();
  const counts = await db.selectFrom('schema_count').selectAll().where('value', '<>', 0).execute();
  return [linesOf(rollups.filter((row) => !isEmptyRollup(row))), linesOf(counts)];
}

async function openByGroup({ db }: Database): Promise<Map<string, number>> {
  const groups = await db.selectFrom('dead_letter_group').selectAll().where('open', '<>', 0).execute();
  return new Map(groups.map((row) => [groupKey(row), row.open]));
}

/** Applies messages as one stream of their own. */
export async function project(database: Database, messages: readonly StoredMessage[], lengths: readonly number[]): Promise<void> {
  const store = projectionStore(database);
  const stream = messages[0]?.stream ?? '';
  let from = (await store.checkpoint(stream)).seq;
  for (const batch of cut(messages, lengths)) {
    const step = { stream, streamCreated: 'then', from, to: from + batch.length, origin: null };
    expect(await applyFacts(store.inTransaction, step, batch.map(readFact))).toBe('applied');
    from += batch.length;
  }
}

export async function register(database: Database, entries: readonly RegistryEntry[]): Promise<void> {
  const store = projectionStore(database);
  const stream = 'KV_registry';
  const from = (await store.checkpoint(stream)).seq;
  const to = entries.at(-1)?.seq ?? from;
  expect(await applyRegistry(store.inTransaction, { stream, streamCreated: 'then', from, to, origin: null }, readRegistry(entries))).toBe(
    'applied',
  );
}
