import { type CompiledQuery, Kysely, SqliteDialect } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyFacts } from '../../application/apply-batch.ts';
import type { Fact } from '../../domain/fact.ts';
import { readFact } from '../../domain/read-fact.ts';
import { growingSteps, queryPlan } from '../../testing/query-plan.ts';
import { SampleLog, sampleEventId } from '../../testing/sample-facts.ts';
import type { Database } from '../store/database.ts';
import { migrate } from '../store/migrate.ts';
import { openNodeSqlite } from '../store/node-sqlite.ts';
import { projectionStore } from '../store/projection-store.ts';
import type { Tables } from '../store/schema.ts';
import { dispatchedOf, dispatchStory } from './dispatch-story.ts';
import { type Drive, type List, pageStatement } from './list.ts';
import {
  ATTEMPTS,
  DEAD_LETTER_GROUPS,
  deadLetters,
  DELIVERIES,
  DISPATCH_SWEEPS,
  DISPATCHES,
  EVENTS,
  MANAGEMENT_ACTIONS,
  REGION_CHANGES,
} from './lists.ts';

const asked: { sql: string; parameters: readonly unknown[] }[] = [];
const database = openWatched();

/** A database in memory that remembers what it was asked. */
function openWatched(): Database {
  const sqlite = openNodeSqlite(':memory:');
  const log = ({ query }: { query: CompiledQuery }): void => void asked.push(query);
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: sqlite }), log });
  return { engine: 'sqlite', db, isPresent: () => true, close: async () => sqlite.close() };
}

beforeAll(() => migrate(database));
afterAll(() => database.close());

function statements<Row>(list: List<Row>, drive: Drive<Row>): { sql: string; parameters: readonly unknown[] }[] {
  const key = Object.values<string | number | undefined>(drive.sort).map((value) => value ?? '');
  const value = drive.by === undefined ? undefined : 'x';
  return (['older', 'newer'] as const).map((direction) =>
    pageStatement(list, drive, { value, direction, key, step: 51 }).compile(database.db),
  );
}

const DEAD_LETTERS = deadLetters('open', { from: 1, to: 2 });
const all = [
  ...EVENTS.drives.map((drive) => [`event by ${drive.by ?? 'nothing'}`, statements(EVENTS, drive)] as const),
  ...DELIVERIES.drives.map((drive) => [`delivery by ${drive.by ?? 'nothing'}`, statements(DELIVERIES, drive)] as const),
  ...ATTEMPTS.drives.map((drive) => [`attempt by ${drive.by ?? 'nothing'}`, statements(ATTEMPTS, drive)] as const),
  ...REGION_CHANGES.drives.map((drive) => [`region change by ${drive.by ?? 'nothing'}`, statements(REGION_CHANGES, drive)] as const),
  ...DISPATCHES.drives.map((drive) => [`dispatch by ${drive.by ?? 'nothing'}`, statements(DISPATCHES, drive)] as const),
  ...DISPATCH_SWEEPS.drives.map((drive) => [`sweep by ${drive.by ?? 'nothing'}`, statements(DISPATCH_SWEEPS, drive)] as const),
  ...DEAD_LETTERS.drives.map((drive) => [`dead letter by ${drive.by ?? 'nothing'}`, statements(DEAD_LETTERS, drive)] as const),
  ...DEAD_LETTER_GROUPS.drives.map((drive) => [`group by ${drive.by ?? 'nothing'}`, statements(DEAD_LETTER_GROUPS, drive)] as const),
  ...MANAGEMENT_ACTIONS.drives.map((drive) => [`action by ${drive.by ?? 'nothing'}`, statements(MANAGEMENT_ACTIONS, drive)] as const),
];

describe('every list', () => {
  it.each(all)('%s reads along an index, forth and back', async (_name, both) => {
    for (const { sql: text, parameters } of both) {
      const plan = await queryPlan(database, text, parameters);
      expect(plan).not.toEqual([]);
      expect(growingSteps(plan), text).toEqual([]);
    }
  });

  it('would be refused when it read or sorted the whole table', async () => {
    const plan = await queryPlan(database, 'select * from event where region = ? order by region, at limit 51', ['local']);
    expect(growingSteps(plan)).toHaveLength(2);
  });
});

describe('dispatches', () => {
  const facts = (write: (log: SampleLog) => void): Fact[] => {
    const log = new SampleLog();
    write(log);
    return log.messages.map(readFact);
  };
  const project = async (given: readonly Fact[], from: number): Promise<readonly string[]> => {
    const { checkpoint, inTransaction } = projectionStore(database);
    await checkpoint('LOG_LOCAL');
    asked.length = 0;
    const step = { stream: 'LOG_LOCAL', streamCreated: 'then', from, to: from + given.length, origin: null };
    expect(await applyFacts(inTransaction, step, given)).toBe('applied');
    return asked.map(({ sql: text }) => text);
  };

  it('cost batches that hold none no statement, and are told along indexes', async () => {
    const others = facts((log) => {
      log.accepted(1);
      log.planned(1, ['ep_a']);
      log.attempted(1, 'ep_a', 1, { kind: 'delivered' });
    });
    expect((await project(others, 0)).filter((text) => text.includes('dispatch'))).toEqual([]);
    const about = facts((log) => {
      log.decided(2, ['github:acme/api/cd.yml']);
      log.settled(2, 'github:acme/api/cd.yml', { kind: 'started', how: 'answered', runId: '1003' });
      log.decided(3, [], { chain: { id: sampleEventId(2), depth: 1, ancestors: [] } });
    });
    expect((await project(about, others.length)).filter((text) => text.includes('dispatch'))).not.toEqual([]);
    asked.length = 0;
    const story = await dispatchStory(database, sampleEventId(2));
    await dispatchStory(database, sampleEventId(3));
    await dispatchedOf(database, story?.deliveries ?? []);
    const seen = [...asked];
    expect(story?.children).toHaveLength(1);
    expect(seen.length).toBeGreaterThanOrEqual(10);
    for (const { sql: text, parameters } of seen) expect(growingSteps(await queryPlan(database, text, parameters)), text).toEqual([]);
  });
});
