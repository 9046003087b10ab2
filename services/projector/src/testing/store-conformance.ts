import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ATTEMPTS, deadLetters, DELIVERIES, EVENTS } from '../adapters/queries/lists.ts';
import { type Filters, type List, type ListQuery, readPage } from '../adapters/queries/list.ts';
import { deliveryStory, eventStory } from '../adapters/queries/story.ts';
import { totalsOf } from '../adapters/queries/totals.ts';
import type { Database } from '../adapters/store/database.ts';
import { migrate } from '../adapters/store/migrate.ts';
import { type ProjectionStore, projectionStore } from '../adapters/store/projection-store.ts';
import { applyFacts, type Step } from '../application/apply-batch.ts';
import { readFact } from '../domain/read-fact.ts';
import { questionsConformance } from './questions-conformance.ts';
import { dispatchConformance } from './dispatch-conformance.ts';
import { digestConformance } from './digest-conformance.ts';
import { type AllRows, emptyStore } from './empty-store.ts';
import { failAfter } from './fail-after.ts';
import { MemoryRows } from './memory-rows.ts';
import { measuresConformance } from './measures-conformance.ts';
import { recoveryConformance } from './recovery-conformance.ts';
import { expectRowsKept, migratedWithRows, regionsConformance } from './regions-conformance.ts';
import { SampleLog, sampleDeliveryId, sampleEventId } from './sample-facts.ts';
import { anyLog, cut } from './sample-sequence.ts';

const STREAM = 'LOG_LOCAL';
const step = (from: number, to: number): Step => ({ stream: STREAM, streamCreated: 'then', from, to, origin: null });

/** What every store must do. `open` gives an empty, unmigrated database, or why there is none: then every test is skipped and says so. */
export function storeConformance(name: string, open: () => Promise<Database | { readonly missing: string }>): void {
  describe(`${name} as a store of read models`, () => {
    let database: Database;
    let store: ProjectionStore;
    let missing: string | undefined;
    let migrated: AllRows = {};
    beforeAll(async () => {
      const opened = await open();
      if ('missing' in opened) return void ({ missing } = opened);
      database = opened;
      migrated = await migratedWithRows(database);
      store = projectionStore(database);
    });
    afterAll(() => (missing === undefined ? database.close() : undefined));
    beforeEach(async (ctx) => {
      if (missing !== undefined) ctx.skip(missing);
      await emptyStore(database);
      await store.checkpoint(STREAM);
    });

    const project = async (log: SampleLog, lengths: readonly number[] = [500]): Promise<void> => {
      let from = (await store.checkpoint(STREAM)).seq;
      for (const batch of cut(log.messages.slice(from), lengths)) {
        expect(await applyFacts(store.inTransaction, step(from, from + batch.length), batch.map(readFact))).toBe('applied');
        from += batch.length;
      }
    };
    const logOf = (write: (log: SampleLog) => void): SampleLog => {
      const log = new SampleLog();
      write(log);
      return log;
    };
    const page = <Row>(list: List<Row>, query: Partial<ListQuery<Row>> = {}) => readPage(database, list, { limit: 50, ...query });

    describe('exactly once', () => {
      it('keeps what a store of the first shape held', () => expectRowsKept(migrated));

      it('has nothing to migrate the second time', async () => {
        expect(await migrate(database)).toEqual([]);
      });

      it('moves the checkpoint with the rows', async () => {
        await project(logOf((log) => log.accepted(1)));
        expect(await store.checkpoint(STREAM)).toEqual({ seq: 1, streamCreated: 'then', origin: null });
        expect((await eventStory(database, sampleEventId(1)))?.event.state).toBe('accepted');
      });

      it('refuses a batch that was read for another checkpoint, and changes nothing', async () => {
        const log = logOf((facts) => facts.accepted(1));
        await project(log);
        const other = logOf((facts) => facts.accepted(2));
        expect(await applyFacts(store.inTransaction, step(0, 1), other.messages.map(readFact))).toBe('stale');
        expect(await eventStory(database, sampleEventId(2))).toBeUndefined();
        expect((await totalsOf(database, 'all', '')).event).toEqual({ total: 1, accepted: 1 });
      });

      it('takes everything back when a batch fails half-way', async () => {
        const facts = logOf((log) => log.accepted(1)).messages.map(readFact);
        const breaking = store.inTransaction.bind(undefined);
        const failing = applyFacts(
          (work) => breaking(async (transaction) => work({ ...transaction, save: failAfter(transaction.save) })),
          step(0, 1),
          facts,
        );
        await expect(failing).rejects.toThrow('killed between the rows and the commit');
        expect((await store.checkpoint(STREAM)).seq).toBe(0);
        expect(await eventStory(database, sampleEventId(1))).toBeUndefined();
        expect((await totalsOf(database, 'all', '')).event).toEqual({});
      });

      it('lets one of two projectors at once through', async () => {
        const facts = logOf((log) => log.accepted(1)).messages.map(readFact);
        const both = await Promise.all([
          applyFacts(store.inTransaction, step(0, 1), facts),
          applyFacts(store.inTransaction, step(0, 1), facts),
        ]);
        expect(both.toSorted()).toEqual(['applied', 'stale']);
        expect((await totalsOf(database, 'all', '')).event).toEqual({ total: 1, accepted: 1 });
      });

      it('counts a fact once that comes again later in the LOG', async () => {
        const log = logOf((facts) => {
          facts.accepted(1);
          facts.planned(1, ['ep_a']);
          facts.attempted(1, 'ep_a', 1, { kind: 'delivered' });
          for (const index of [0, 1, 2, 2]) facts.repeat(index);
        });
        await project(log, [2]);
        expect(await totalsOf(database, 'endpoint', 'ep_a')).toEqual({
          event: {},
          delivery: { total: 1, planned: 0, delivered: 1 },
          attempt: { total: 1, accepted: 1 },
          dispatch: {},
          dead_letter: {},
        });
      });

      it('keeps what cannot be read, and goes on', async () => {
        const log = logOf((facts) => {
          facts.poison();
          facts.accepted(1);
        });
        await project(log, [1]);
        expect(await database.db.selectFrom('projection_problem').selectAll().execute()).toMatchObject([{ stream: STREAM, seq: 1 }]);
        expect(await eventStory(database, sampleEventId(1))).toBeDefined();
      });

      it('gives the rows and counters that folding in memory gives, for any facts in any batches', async () => {
        await fc.assert(
          fc.asyncProperty(anyLog, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }), async (log, lengths) => {
            await emptyStore(database);
            await project(log, lengths);
            const memory = new MemoryRows();
            memory.apply(log.messages.map(readFact));
            expect((await page(EVENTS, { limit: 250 })).data).toEqual([...memory.events.values()].toSorted(newestFirst));
            expect((await page(DELIVERIES, { limit: 250 })).data).toEqual([...memory.deliveries.values()].toSorted(newestFirst));
            const totals = await database.db.selectFrom('total').selectAll().where('value', '<>', 0).execute();
            expect(new Map(totals.map((row) => [[row.scope, row.scope_id, row.subject, row.state].join(' '), row.value]))).toEqual(
              new Map([...memory.totals].filter(([, value]) => value !== 0)),
            );
          }),
          { numRuns: 15 },
        );
      });
    });

    describe('queries', () => {
      it('tells the whole story of an event', async () => {
        const log = logOf((facts) => {
          facts.accepted(1);
          facts.planned(1, ['ep_a', 'ep_b']);
          facts.attempted(1, 'ep_a', 1, { kind: 'retry', at: '2026-01-02T00:00:00.000Z' });
          facts.attempted(1, 'ep_b', 1, { kind: 'delivered' });
          facts.attempted(1, 'ep_a', 2, { kind: 'delivered' });
          facts.accepted(2);
          facts.planned(2, ['ep_a']);
        });
        await project(log);
        const story = await eventStory(database, sampleEventId(1));
        expect(story?.deliveries.map(({ endpoint_id: id }) => id).toSorted()).toEqual(['ep_a', 'ep_b']);
        expect(story?.attempts.map((row) => `${row.endpoint_id} ${row.number}`)).toEqual(['ep_a 1', 'ep_b 1', 'ep_a 2']);
        expect(story?.isComplete).toBe(true);
        const delivery = await deliveryStory(database, sampleDeliveryId(1, 'ep_a'));
        expect(delivery?.attempts.map(({ number }) => number)).toEqual([1, 2]);
        expect(await deliveryStory(database, 'dlv_none')).toBeUndefined();
      });

      it('pages forth and back through a list, newest first, without gaps or repeats', async () => {
        await project(logOf((log) => times(7, (n) => void log.accepted(n))));
        const first = await page(EVENTS, { limit: 3 });
        const second = await page(EVENTS, { limit: 3, iterator: first.iterator ?? '' });
        const third = await page(EVENTS, { limit: 3, iterator: second.iterator ?? '' });
        expect([first, second, third].map(({ data }) => data.map(({ id }) => id))).toEqual([
          [6, 5, 4].map(sampleEventId),
          [3, 2, 1].map(sampleEventId),
          [0].map(sampleEventId),
        ]);
        expect([first.done, second.done, third.done]).toEqual([false, false, true]);
        const back = await page(EVENTS, { limit: 3, iterator: third.prevIterator ?? '' });
        expect(back.data).toEqual(second.data);
        expect(back.done).toBe(false);
      });

      it('serves every filter of every list, alone and combined', async () => {
        const log = logOf((facts) => {
          times(4, (n) => {
            const tenant = n % 2 === 0 ? 'acme' : 'beta';
            facts.accepted(n, tenant);
            facts.planned(n, ['ep_a', 'ep_b'], tenant);
            facts.attempted(n, 'ep_a', 1, { kind: 'delivered' });
            facts.attempted(n, 'ep_b', 1, { kind: 'dead_lettered', reason: 'attempts_exhausted' });
          });
          facts.accepted(9);
          facts.refused(9);
        });
        await project(log, [3]);
        const ids = async <Row extends { id: string }>(list: List<Row>, filters: Filters<Row>) =>
          (await page(list, { filters })).data.map(({ id }) => id);
        expect(await ids(EVENTS, { state: 'refused' })).toEqual([sampleEventId(9)]);
        expect(await ids(EVENTS, { state: 'planned', tenant_id: 'beta' })).toEqual([sampleEventId(3), sampleEventId(1)]);
        expect(await ids(EVENTS, { event_type: 'order.paid', region: 'elsewhere' })).toEqual([]);
        expect(await ids(EVENTS, { source: 'api', tenant_id: 'acme', region: 'local' })).toEqual([9, 2, 0].map(sampleEventId));
        expect(await ids(DELIVERIES, { endpoint_id: 'ep_a', tenant_id: 'beta', state: 'delivered' })).toEqual(
          [3, 1].map((n) => sampleDeliveryId(n, 'ep_a')),
        );
        expect(await ids(DELIVERIES, { event_id: sampleEventId(2), state: 'dead_lettered' })).toEqual([sampleDeliveryId(2, 'ep_b')]);
        expect(await ids(DELIVERIES, { state: 'dead_lettered' })).toEqual([3, 2, 1, 0].map((n) => sampleDeliveryId(n, 'ep_b')));
        expect(await ids(deadLetters('open'), { reason: 'reader_too_old' })).toEqual([sampleEventId(9)]);
        expect(await ids(deadLetters('open'), { tenant_id: 'beta', endpoint_id: 'ep_b' })).toEqual(
          [3, 1].map((n) => sampleDeliveryId(n, 'ep_b')),
        );
        expect((await page(ATTEMPTS, { filters: { endpoint_id: 'ep_b' } })).data.map(({ delivery_id: id }) => id)).toEqual(
          [3, 2, 1, 0].map((n) => sampleDeliveryId(n, 'ep_b')),
        );
        expect((await page(ATTEMPTS, { filters: { delivery_id: sampleDeliveryId(2, 'ep_a') } })).data).toHaveLength(1);
      });

      it('bounds the work of a page when filters are combined, and goes on from there', async () => {
        await project(logOf((log) => times(1_600, (n) => void log.accepted(n, n === 0 ? 'rare' : 'acme'))));
        const filters = { event_type: 'order.paid', region: 'elsewhere' };
        const first = await page(EVENTS, { filters, limit: 10 });
        expect(first).toMatchObject({ data: [], done: false });
        expect(await page(EVENTS, { filters, limit: 10, iterator: first.iterator ?? '' })).toMatchObject({ data: [], done: true });
      });

      it('refuses an iterator of another list', async () => {
        await project(logOf((log) => log.accepted(1)));
        const iterator = (await page(EVENTS)).iterator ?? '';
        await expect(page(deadLetters('open'), { iterator })).rejects.toMatchObject({ code: 'WB_SCHEMA_VIOLATION' });
        await expect(page(EVENTS, { iterator: 'made-up' })).rejects.toMatchObject({ code: 'WB_SCHEMA_VIOLATION' });
      });
    });

    const more = {
      dispatches: dispatchConformance,
      recovery: recoveryConformance,
      regions: regionsConformance,
      digests: digestConformance,
      measures: measuresConformance,
      questions: questionsConformance,
    };
    describe.each(Object.entries(more))('%s', (_name, conform) => {
      conform(() => database);
    });
  });
}

const newestFirst = (left: { id: string }, right: { id: string }): number => (left.id > right.id ? -1 : 1);
function times(count: number, work: (n: number) => void): void {
  for (let n = 0; n < count; n += 1) work(n);
}
