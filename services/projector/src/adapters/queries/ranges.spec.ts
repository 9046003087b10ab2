import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyFacts } from '../../application/apply-batch.ts';
import type { Page } from '../../domain/page.ts';
import { readFact } from '../../domain/read-fact.ts';
import { SampleLog, sampleEventId } from '../../testing/sample-facts.ts';
import { openDatabase } from '../store/database.ts';
import { migrate } from '../store/migrate.ts';
import { projectionStore } from '../store/projection-store.ts';
import { type List, readPage } from './list.ts';
import { DEAD_LETTER_GROUPS, deadLetters, DELIVERIES, EVENTS, idsBetween } from './lists.ts';

const database = openDatabase({ engine: 'sqlite', file: ':memory:' });
const START_MS = Date.UTC(2026, 0, 1);

beforeAll(async () => {
  await migrate(database);
  const log = new SampleLog();
  for (let n = 1; n <= 9; n += 1) {
    log.accepted(n, `tenant-${n % 2}`);
    log.planned(n, ['ep_a'], `tenant-${n % 2}`);
    log.attempted(n, 'ep_a', 1, n > 6 ? { kind: 'dead_lettered', reason: 'attempts_exhausted' } : { kind: 'delivered' });
  }
  const { checkpoint, inTransaction } = projectionStore(database);
  await checkpoint(log.stream);
  const step = { stream: log.stream, streamCreated: 'then', from: 0, to: log.messages.length, origin: null };
  await applyFacts(inTransaction, step, log.messages.map(readFact));
});
afterAll(() => database.close());

const numbers = ({ data }: Page<{ id: string }>): number[] =>
  data.map(({ id }) => [1, 2, 3, 4, 5, 6, 7, 8, 9].find((n) => id.includes(sampleEventId(n).slice(4))) ?? 0);

/** Every page of a list, there and back again. */
async function walked<Row extends { id: string }>(list: List<Row>, limit: number): Promise<{ there: number[]; back: number[] }> {
  const there: number[] = [];
  let page = await readPage(database, list, { limit });
  there.push(...numbers(page));
  while (!page.done && there.length < 20) {
    page = await readPage(database, list, { limit, iterator: page.iterator ?? '' });
    there.push(...numbers(page));
  }
  const back = numbers(page);
  while (page.prevIterator !== null && page.data.length > 0 && back.length < 20) {
    page = await readPage(database, list, { limit, iterator: page.prevIterator });
    back.unshift(...numbers(page));
  }
  return { there, back };
}

describe('a range of time', () => {
  const between = { from: START_MS + 3, to: START_MS + 7 };

  it('bounds events and deliveries from its start on and before its end, whichever way they are read', async () => {
    for (const limit of [1, 2, 50]) {
      const events = await walked({ ...EVENTS, between: idsBetween('evt', between) }, limit);
      expect(events).toEqual({ there: [6, 5, 4, 3], back: [6, 5, 4, 3] });
      expect(await walked({ ...DELIVERIES, between: idsBetween('dlv', between) }, limit)).toEqual(events);
    }
  });

  it('bounds dead letters by the time of their end', async () => {
    const ends = (await readPage(database, deadLetters('open'), { limit: 9 })).data.map(({ at }) => at);
    const list = deadLetters('open', { from: ends[1], to: ends[0] });
    expect(numbers(await readPage(database, list, { limit: 9 }))).toEqual([8]);
    expect((await walked(deadLetters('open', { from: ends[2] }), 1)).back).toEqual([9, 8, 7]);
  });

  it('begins where an iterator from outside of it would, and goes on beside other filters', async () => {
    const first = await readPage(database, EVENTS, { limit: 1 });
    const list = { ...EVENTS, between: idsBetween('evt', between) };
    expect(numbers(await readPage(database, list, { limit: 2, iterator: first.iterator ?? '' }))).toEqual([6, 5]);
    expect(numbers(await readPage(database, list, { limit: 9, filters: { tenant_id: 'tenant-1' } }))).toEqual([5, 3]);
  });
});

describe('events by what they belong to', () => {
  it('are found by the id of one that belongs only to itself', async () => {
    const filters = { correlation_id: sampleEventId(4) };
    expect(numbers(await readPage(database, EVENTS, { limit: 9, filters }))).toEqual([4]);
  });
});

describe('groups of dead letters', () => {
  it('have a second page', async () => {
    const first = await readPage(database, DEAD_LETTER_GROUPS, { limit: 1 });
    expect(first).toMatchObject({ data: [{ tenant_id: 'tenant-1', open: 2 }], done: false });
    const second = await readPage(database, DEAD_LETTER_GROUPS, { limit: 1, iterator: first.iterator ?? '' });
    expect(second).toMatchObject({ data: [{ tenant_id: 'tenant-0', open: 1 }], done: true });
  });
});
