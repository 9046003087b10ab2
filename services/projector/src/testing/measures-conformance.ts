import { expect, it } from 'vitest';
import { compareStores } from '../adapters/queries/compare.ts';
import type { Database } from '../adapters/store/database.ts';
import { GRAIN_MS, rollupId } from '../domain/rollup-rows.ts';
import { emptyStore } from './empty-store.ts';
import { project } from './regions-conformance.ts';
import { SampleLog } from './sample-facts.ts';

const START = Date.UTC(2026, 0, 1);

/** What every store must do about rollups. */
export function measuresConformance(opened: () => Database): void {
  const idsOf = async (): Promise<string[]> =>
    (await opened().db.selectFrom('rollup').select('id').orderBy('id').execute()).map(({ id }) => id);

  it('adds each batch to the buckets that are there, and works their quantiles out anew', async () => {
    await emptyStore(opened());
    const log = new SampleLog();
    log.measured([3, 3, 3]);
    log.measured([700], 4);
    log.measured([], 1);
    await project(opened(), log.messages, [1]);
    const rows = await opened().db.selectFrom('rollup').selectAll().where('grain', '=', 'hour').execute();
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(row).toMatchObject({ at: START, refused: 5, ack_count: 4, ack_p50_us: 4_167, ack_p99_us: 980_000 });
  });

  it('lets go of minutes of more than eight days ago when a day begins, and keeps hours and days', async () => {
    await emptyStore(opened());
    const log = new SampleLog('local', { apartMs: GRAIN_MS.day });
    for (let day = 0; day < 11; day += 1) log.measured([3]);
    await project(opened(), log.messages, [2]);
    const ids = await idsOf();
    const starts = (scope: 'all' | 'region', id: string, grain: 'minute' | 'hour' | 'day'): number =>
      ids.filter((each) => each.startsWith(rollupId(scope, id, grain, 0).slice(0, -13))).length;
    expect([starts('all', '', 'minute'), starts('region', 'local', 'minute')]).toEqual([9, 9]);
    expect(ids).not.toContain(rollupId('all', '', 'minute', START + 2 * GRAIN_MS.day));
    expect([starts('all', '', 'hour'), starts('region', 'local', 'day')]).toEqual([11, 11]);
  });

  it('finds a series as a range of ids, also where they differ in case or marks alone', async () => {
    await emptyStore(opened());
    const log = new SampleLog();
    const endpoints = ['ep_a', 'ep_A', 'ep-a', 'ep|a'];
    log.planned(1, endpoints);
    await project(opened(), log.messages, [1]);
    for (const endpoint of endpoints) {
      const [first, last] = [rollupId('endpoint', endpoint, 'hour', 0), rollupId('endpoint', endpoint, 'hour', START + GRAIN_MS.day)];
      const found = await opened().db.selectFrom('rollup').select('id').where('id', '>=', first).where('id', '<=', last).execute();
      expect(found, endpoint).toEqual([{ id: rollupId('endpoint', endpoint, 'hour', START) }]);
    }
  });

  it('is compared by what an older release counted too, once it was upgraded', async () => {
    const { db } = opened();
    await emptyStore(opened());
    const log = new SampleLog();
    log.accepted(1);
    await project(opened(), log.messages, [1]);
    const compared = () => compareStores({ built: opened(), serving: opened() }, () => undefined);
    expect((await compared()).differences).toEqual([]);
    const whole = (await compared()).rows;
    await db.updateTable('checkpoint').set({ measured_since: 1 }).execute();
    expect((await compared()).rows).toBeLessThan(whole);
  });
}
