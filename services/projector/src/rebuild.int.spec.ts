import { readdir } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { streamNames } from '@waybill/contracts';
import { eventually, findPostgres, startPostgres, type TestPostgres } from '@waybill/testkit';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { generationsOf } from './adapters/store/generations.ts';
import { startBuild } from './adapters/worker/build-host.ts';
import { projections, Region, REGION } from './testing/running-projector.ts';
import { SampleLog } from './testing/sample-facts.ts';
import { addEvents, expectTotalsOf } from './testing/whole-events.ts';

let postgres: TestPostgres | undefined;
let missing: string | undefined;
beforeAll(async () => {
  const found = await findPostgres();
  if ('missing' in found) ({ missing } = found);
  else postgres = await startPostgres(found);
});
afterAll(() => postgres?.cleanup());

let region: Region;
beforeEach(async () => {
  region = await Region.open();
});
afterEach(() => region.close());

/** A projector that has read a log of `events` events. */
async function projectorWith(events: number, env: Record<string, string> = {}): Promise<SampleLog> {
  const log = new SampleLog(REGION);
  addEvents(log, 0, events);
  await region.publish(log);
  await region.start(env);
  await region.caughtUp(log.messages.length);
  return log;
}

/** Waits until no build is under way, and tells what came of the last one. */
async function built() {
  await eventually(async () => (await projections(region)).build === null, 60_000);
  return projections(region);
}

/** Asks for lists and numbers again and again until told to stop; gives every status that was not 200, and how many were asked for. */
function readAllTheTime() {
  const refused: number[] = [];
  let asked = 0;
  let reading = true;
  const done = (async () => {
    while (reading) {
      for (const path of ['/v1/events?limit=5', '/v1/stats/totals', '/v1/deliveries?state=delivered']) {
        const { status } = await region.get(path);
        asked += 1;
        if (status !== 200) refused.push(status);
      }
      // Without a pause this took the processor from what it looks at.
      await sleep(10);
    }
  })();
  return async () => {
    reading = false;
    await done;
    return { asked, refused };
  };
}

describe.each(['SQLite', 'PostgreSQL'])('the read models on %s', (engine) => {
  beforeEach((ctx) => {
    if (engine === 'PostgreSQL' && missing !== undefined) ctx.skip(missing);
  });
  const place = (): Record<string, string> => (engine === 'SQLite' ? {} : { DATABASE_URL: postgres?.url ?? '' });
  afterEach(async () => {
    await region.stop();
    if (engine === 'PostgreSQL')
      await query(`drop schema public cascade; drop schema if exists read_models_${REGION}_1 cascade; create schema public`);
  });
  const query = async (text: string): Promise<void> => {
    if (engine === 'SQLite') {
      const { serving } = await generationsOf(region.config()).ledger();
      const file = new DatabaseSync(`${region.folder}/read-models.${REGION}${serving === 0 ? '' : `.${serving}`}.sqlite`);
      file.exec(text);
      return file.close();
    }
    const client = new pg.Client({ connectionString: postgres?.url ?? '' });
    await client.connect();
    await client.query(text);
    await client.end();
  };

  it('are rebuilt while reads are answered and facts come in, and stay what they were after a restart', async () => {
    const log = await projectorWith(60, place());
    const stopReading = readAllTheTime();
    expect(await region.post('/v1/projections/rebuild')).toMatchObject({
      status: 202,
      body: { build: { purpose: 'rebuild', generation: 1 } },
    });
    expect(await region.post('/v1/projections/rebuild')).toMatchObject({ status: 409, body: { code: 'WB_REBUILD_STATE' } });
    addEvents(log, 60, 20);
    await region.publish(log);
    expect(await built()).toMatchObject({ serving: { generation: 1 }, last: { outcome: 'serving' } });
    await region.caughtUp(log.messages.length);
    const { asked, refused } = await stopReading();
    expect(refused).toEqual([]);
    expect(asked).toBeGreaterThan(3);
    await expectTotalsOf(region, log);
    await region.stop();
    await region.start(place());
    await region.caughtUp(log.messages.length);
    expect((await projections(region)).serving.generation).toBe(1);
    await expectTotalsOf(region, log);
    // What served before was removed at the start.
    await eventually(async () => !(await generationsOf(region.config(place())).present()).includes(engine === 'SQLite' ? 0 : 2));
  });

  it('are verified: equal to what the log gives, or which rows are not', async () => {
    await projectorWith(10, place());
    await region.post('/v1/projections/verify');
    expect((await built()).last).toMatchObject({ outcome: 'compared', comparison: { differences: [] } });
    await query(`update delivery set state = 'retrying' where endpoint_id = 'ep_a'; delete from dead_letter; update total set value = 99`);
    await region.post('/v1/projections/verify');
    const { last, serving } = await built();
    expect(last?.comparison?.differences).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ table: 'delivery', rows: 20, different: 10, missing: 0, extra: 0 }),
        expect.objectContaining({ table: 'dead_letter', missing: 10, different: 0 }),
        expect.objectContaining({ table: 'total', ids: expect.arrayContaining(['all  event total']) }),
      ]),
    );
    expect(last?.comparison?.differences).toHaveLength(3);
    expect(serving.generation).toBe(0);
    expect(await generationsOf(region.config(place())).present()).toEqual([0]);
  });

  it('are built from the log again when all of them are lost', async () => {
    const log = await projectorWith(5, place());
    if (engine === 'PostgreSQL') await query('drop schema public cascade');
    else await query('drop table event');
    addEvents(log, 5, 1);
    await region.publish(log);
    await region.healthSays(/(?:lost|damaged).* the read models are built again from the log/);
    await region.caughtUp(log.messages.length);
    await expectTotalsOf(region, log);
  });
});

describe('a rebuild', () => {
  it('is begun anew when the process dies in the middle of it, and what it left is not served', async () => {
    const log = await projectorWith(300);
    await region.stop();
    const generations = generationsOf(region.config());
    const build = { generation: 1, purpose: 'rebuild', startedAt: '2026-01-01T00:00:00.000Z' } as const;
    await generations.write({ serving: 0, build });
    const doomed = await new Promise<ReturnType<typeof startBuild>>((resolve) => {
      const started = startBuild({ ...region.worker(), ...build, serving: 0 }, ({ phase }) => phase === 'reading' && resolve(started));
    });
    await doomed.stop(AbortSignal.abort());
    await expect(doomed.ended).rejects.toThrow('ended before it was done');
    expect(await generations.present()).toEqual(expect.arrayContaining([0, 1]));
    await region.start();
    await eventually(async () => (await projections(region)).last !== null);
    expect(await built()).toMatchObject({ serving: { generation: 1 }, last: { outcome: 'serving', facts: log.messages.length } });
    await expectTotalsOf(region, log);
    expect((await readdir(region.folder)).filter((name) => name.endsWith('.generation'))).toHaveLength(1);
  });

  it('after a purge, which is alarmed, gives what the log still has and says since when', async () => {
    const log = await projectorWith(4);
    await region.stop();
    addEvents(log, 4, 4);
    await region.publish(log);
    await region.bus.jsm.streams.purge(streamNames(REGION).log, { seq: 21 });
    await region.start();
    await region.healthSays(/sequences 17 to 20 were removed before they were read.*waybill projections rebuild/);
    expect(await region.get('/health/ready')).toMatchObject({ status: 503 });
    await region.post('/v1/projections/rebuild');
    const { last, serving } = await built();
    expect(last).toMatchObject({ outcome: 'serving', facts: 12, completeSince: expect.stringMatching(/^20/) });
    expect(serving.streams).toContainEqual(expect.objectContaining({ stream: 'LOG_LOCAL', completeSince: last?.completeSince }));
    await region.healthSays(/"status":"ready"/);
    expect((await region.get('/v1/stats/totals')).body).toMatchObject({ events: { total: 3 } });
  });
});
