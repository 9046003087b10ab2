import { expect, it } from 'vitest';
import { dispatchedOf, dispatchStory } from '../adapters/queries/dispatch-story.ts';
import { digestOf } from '../adapters/queries/digest.ts';
import { type Filters, readPage } from '../adapters/queries/list.ts';
import { DISPATCH_SWEEPS, DISPATCHES } from '../adapters/queries/lists.ts';
import { totalsOf } from '../adapters/queries/totals.ts';
import type { Database } from '../adapters/store/database.ts';
import type { DispatchRow } from '../domain/dispatch-rows.ts';
import { emptyStore } from './empty-store.ts';
import { project } from './regions-conformance.ts';
import { SampleLog, sampleDeliveryId, sampleEventId } from './sample-facts.ts';

const API = 'github:acme/api/cd.yml';
const STARTED = { kind: 'started', how: 'answered', runId: '1002', url: 'https://run/1002' } as const;

/** What every store must tell about workflow dispatches. */
export function dispatchConformance(opened: () => Database): void {
  const given = async (write: (log: SampleLog) => void, lengths: readonly number[] = [3]): Promise<void> => {
    await emptyStore(opened());
    const log = new SampleLog('us');
    write(log);
    await project(opened(), log.messages, lengths);
  };
  const chain = { id: sampleEventId(1), depth: 1, ancestors: ['7/ci.yml'] };

  it('tells the whole story of a dispatch, with the one it follows from and those it leads to', async () => {
    await given((log) => {
      log.decided(1, [API], { denied: 1 });
      log.settled(1, API, STARTED);
      log.attempted(1, API, 1, { kind: 'delivered' });
      log.decided(2, [API], { chain });
      log.runEnded(1, API, { runId: '1002' });
      log.reported(1, { checkRunId: '9' });
    });
    const story = await dispatchStory(opened(), sampleEventId(1));
    expect(story).toMatchObject({
      dispatch: { state: 'done', started_count: 1, denied_count: 1, ended_count: 1 },
      targets: [
        { ordinal: 0, state: 'started', run_id: '1002', ended_conclusion: 'failure' },
        { ordinal: 1, state: 'denied', reason: 'inbound_not_authorized' },
      ],
      report: { check_run_id: '9' },
      parent: undefined,
      children: [{ dispatch: { event_id: sampleEventId(2) }, deliveryId: sampleDeliveryId(1, API) }],
      isComplete: true,
    });
    expect(story?.deliveries.map(({ state }) => state).toSorted()).toEqual(['delivered', 'denied']);
    const child = await dispatchStory(opened(), sampleEventId(2));
    expect(child?.parent).toMatchObject({ dispatch: { event_id: sampleEventId(1) }, deliveryId: sampleDeliveryId(1, API) });
    expect(await dispatchStory(opened(), 'evt_none')).toBeUndefined();
    const runs = await dispatchedOf(opened(), story?.deliveries ?? []);
    expect(runs.get(sampleDeliveryId(1, API))).toMatchObject({ run_id: '1002' });
  });

  it('links no dispatch of another chain that happens to bear the same run id', async () => {
    await given((log) => {
      log.decided(1, [API]);
      log.settled(1, API, STARTED);
      log.decided(2, []);
    });
    expect(await dispatchStory(opened(), sampleEventId(1))).toMatchObject({ children: [] });
    expect((await dispatchStory(opened(), sampleEventId(2)))?.parent).toBeUndefined();
  });

  it('lists dispatches newest first by every filter, alone and combined, and pages through them', async () => {
    await given((log) => {
      log.accepted(3, 'gh-beta');
      for (const n of [0, 1, 2, 3]) log.decided(n, n % 2 === 0 ? [] : [API]);
      log.settled(1, API, STARTED);
    });
    const ids = async (filters: Filters<DispatchRow>) =>
      (await readPage(opened(), DISPATCHES, { filters, limit: 50 })).data.map(({ event_id: id }) => id);
    expect(await ids({})).toEqual([3, 2, 1, 0].map(sampleEventId));
    expect(await ids({ state: 'skipped' })).toEqual([2, 0].map(sampleEventId));
    expect(await ids({ state: 'open' })).toEqual([sampleEventId(3)]);
    expect(await ids({ repository: 'acme/web', state: 'done' })).toEqual([sampleEventId(1)]);
    expect(await ids({ workflow: 'ci.yml', region: 'us' })).toEqual([3, 2, 1, 0].map(sampleEventId));
    expect(await ids({ tenant_id: 'gh-beta' })).toEqual([sampleEventId(3)]);
    expect(await ids({ repository: 'acme/api' })).toEqual([]);
    const first = await readPage(opened(), DISPATCHES, { limit: 3 });
    const second = await readPage(opened(), DISPATCHES, { limit: 3, iterator: first.iterator ?? '' });
    expect([first.done, second.done, second.data.map(({ event_id: id }) => id)]).toEqual([false, true, [sampleEventId(0)]]);
  });

  it('counts each dispatch once by state, for everything, its tenant and its region, also when facts come again', async () => {
    await given(
      (log) => {
        log.decided(1, [API]);
        log.intended(1, API);
        log.settled(1, API, STARTED);
        for (const index of [0, 1, 2, 0]) log.repeat(index);
        log.decided(2, []);
      },
      [1],
    );
    const dispatch = { total: 2, open: 0, done: 1, skipped: 1 };
    expect((await totalsOf(opened(), 'all', '')).dispatch).toEqual(dispatch);
    expect((await totalsOf(opened(), 'tenant', 'acme')).dispatch).toEqual(dispatch);
    expect((await totalsOf(opened(), 'region', 'us')).dispatch).toEqual(dispatch);
  });

  it('keeps the newest sweep of a region', async () => {
    await given(
      (log) => {
        log.swept(30);
        log.swept(0);
        log.repeat(0);
      },
      [1],
    );
    const { data } = await readPage(opened(), DISPATCH_SWEEPS, { limit: 9 });
    expect(data).toMatchObject([{ region: 'us', gap_seconds: 0, redelivered: 0, listed: 5 }]);
  });

  it('has a digest that holds dispatches, and leaves out those of strict tenants', async () => {
    await given((log) => log.decided(1, [API]));
    const before = await digestOf(opened());
    expect(before.tables).toMatchObject({ dispatch: { rows: 1 }, dispatch_target: { rows: 1 } });
    const strict = new SampleLog('us', { scope: 'l' });
    strict.decided(2, [API], { denied: 1 });
    strict.settled(2, API, STARTED);
    strict.reported(2, { checkRunId: '9' });
    await project(
      opened(),
      strict.messages.map((message) => ({ ...message, stream: 'LOG_US_TOO' })),
      [9],
    );
    expect((await totalsOf(opened(), 'all', '')).dispatch).toMatchObject({ total: 2 });
    expect(await digestOf(opened())).toEqual(before);
  });
}
