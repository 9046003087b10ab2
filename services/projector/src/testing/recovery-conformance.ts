import { expect, it } from 'vitest';
import { deadLetterStory, placesOf } from '../adapters/queries/dead-letters.ts';
import { digestOf } from '../adapters/queries/digest.ts';
import { type ListQuery, readPage } from '../adapters/queries/list.ts';
import { DEAD_LETTER_GROUPS, deadLetters, DELIVERIES, MANAGEMENT_ACTIONS } from '../adapters/queries/lists.ts';
import { deliveryStory, eventStory } from '../adapters/queries/story.ts';
import type { Database } from '../adapters/store/database.ts';
import type { ManagementActionRow } from '../domain/recovery-rows.ts';
import { emptyStore } from './empty-store.ts';
import { project } from './regions-conformance.ts';
import { copiesIn, SampleLog, sampleDeliveryId, sampleEventId, sampleJobId, sampleReplayId } from './sample-facts.ts';

const EXHAUSTED = { kind: 'dead_lettered', reason: 'attempts_exhausted' } as const;

/** Events 0 to 3 whose deliveries to `ep_a` died; a job makes two of them again, the third is discarded. */
function writeRecovered(log: SampleLog): void {
  for (let n = 0; n < 4; n += 1) {
    log.accepted(n);
    log.planned(n, ['ep_a', 'ep_b']);
    log.attempted(n, 'ep_a', 1, EXHAUSTED);
  }
  for (const n of [0, 1]) log.replayed(n, ['ep_a'], { job: 1, replayOf: () => sampleDeliveryId(n, 'ep_a') });
  log.discarded([sampleDeliveryId(2, 'ep_a')]);
}

/** What every store must tell about dead letters, what jobs made of them, and operators. */
export function recoveryConformance(opened: () => Database): void {
  const given = async (write: (log: SampleLog) => void, lengths: readonly number[] = [3]): Promise<SampleLog> => {
    await emptyStore(opened());
    const log = new SampleLog();
    write(log);
    await project(opened(), log.messages, lengths);
    return log;
  };
  const idsIn = async (...list: Parameters<typeof deadLetters>): Promise<string[]> =>
    (await readPage(opened(), deadLetters(...list), { limit: 50 })).data.map(({ id }) => id);

  it('lists dead letters by state and time', async () => {
    await given(writeRecovered);
    const dead = (n: number): string => sampleDeliveryId(n, 'ep_a');
    expect(await idsIn('open')).toEqual([dead(3)]);
    expect(await idsIn('redriven')).toEqual([1, 0].map(dead));
    expect(await idsIn('discarded')).toEqual([dead(2)]);
    const [{ at } = { at: 0 }] = (await readPage(opened(), deadLetters('redriven'), { limit: 1 })).data;
    expect(await idsIn('redriven', { from: at })).toEqual([dead(1)]);
    expect(await idsIn('redriven', { to: at })).toEqual([dead(0)]);
  });

  it('takes an earlier end for one that was redriven already', async () => {
    await given((log) => {
      for (let n = 0; n < 5; n += 1) log.beat();
      log.planned(1, ['ep_a']);
      log.attempted(1, 'ep_a', 1, EXHAUSTED);
      log.replayed(1, ['ep_a'], { job: 1, replayOf: () => sampleDeliveryId(1, 'ep_a') });
    });
    const eu = new SampleLog('eu');
    eu.deliveryRefused(1, 'ep_a');
    await project(opened(), copiesIn('PEERS_LOCAL', eu.messages), [1]);
    const story = await deadLetterStory(opened(), sampleDeliveryId(1, 'ep_a'));
    expect(story?.deadLetter).toMatchObject({ state: 'redriven', reason: 'endpoint_deleted', region: 'eu', http_status: null });
  });

  it('counts open ones by group, and forgets a group that has none any more', async () => {
    const groups = async () =>
      (await readPage(opened(), DEAD_LETTER_GROUPS, { limit: 50, matching: ({ open }) => open > 0 })).data.map((row) => [
        row.endpoint_id,
        row.open,
        row.oldest === null || row.newest === null ? undefined : row.newest - row.oldest,
      ]);
    await given((log) => {
      for (let n = 0; n < 3; n += 1) log.attempted(n, 'ep_a', 1, EXHAUSTED);
      log.accepted(9);
      log.refused(9);
    });
    expect(await groups()).toEqual([
      ['ep_a', 3, 2],
      ['', 1, 0],
    ]);
    await given((log) => {
      log.refused(9);
      log.discarded([sampleEventId(9)]);
    });
    expect(await groups()).toEqual([]);
  });

  it('tells of what a job made in the story of the event, of the delivery it replaces, and by the job', async () => {
    await given((log) => {
      writeRecovered(log);
      log.instructed(0, 'ep_a', 'skip');
      log.instructed(0, 'ep_a', 'retry');
    });
    const made = sampleReplayId(1, 0, 'ep_a');
    const ids = [sampleDeliveryId(0, 'ep_a'), sampleDeliveryId(0, 'ep_b'), made].toSorted();
    const story = await eventStory(opened(), sampleEventId(0));
    expect(story?.deliveries.map(({ id }) => id)).toEqual(ids);
    const filters = { event_id: sampleEventId(0) };
    const first = await readPage(opened(), DELIVERIES, { filters, limit: 2 });
    const second = await readPage(opened(), DELIVERIES, { filters, limit: 2, iterator: first.iterator ?? '' });
    expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(ids.toReversed());
    const byJob = await readPage(opened(), DELIVERIES, { filters: { job_id: sampleJobId(1) }, limit: 50 });
    expect(byJob.data.map(({ id }) => id)).toEqual([sampleReplayId(1, 0, 'ep_a'), sampleReplayId(1, 1, 'ep_a')].toSorted().toReversed());
    const replaced = await deliveryStory(opened(), sampleDeliveryId(0, 'ep_a'));
    expect(replaced?.replacements.map(({ id }) => id)).toEqual([made]);
    expect(replaced?.instructions.map(({ instruction }) => instruction)).toEqual(['skip', 'retry']);
  });

  it('knows where this region has the event and the plan of a dead letter', async () => {
    const log = await given((facts) => {
      facts.planned(1, ['ep_b']);
      facts.accepted(1);
      facts.planned(1, ['ep_a']);
      facts.attempted(1, 'ep_a', 1, EXHAUSTED);
      facts.refused(7);
    });
    const page = await readPage(opened(), deadLetters('open'), { limit: 50 });
    const places = await placesOf(opened(), page.data);
    expect(places.get(sampleDeliveryId(1, 'ep_a'))).toEqual({
      event: { stream: log.stream, seq: 2 },
      plan: { stream: log.stream, seq: 3 },
    });
    expect(places.get(sampleEventId(7))).toEqual({ event: { stream: log.stream, seq: 1 }, plan: null });
    const story = await deadLetterStory(opened(), sampleDeliveryId(1, 'ep_a'));
    expect(story).toMatchObject({ deadLetter: { state: 'open' }, event: { id: sampleEventId(1) }, attempts: [{ number: 1 }] });
    expect(await deadLetterStory(opened(), 'dlv_none')).toBeUndefined();
  });

  it('lists what operators did, newest first, by actor and by how the action begins', async () => {
    await given((log) => {
      log.acted('PUT /v1/tenants/:tenantId');
      log.acted('POST /v1/replays', 'bob');
      log.acted('PUT /v1/endpoints/:id', 'bob');
    });
    const actions = async (query: Partial<ListQuery<ManagementActionRow>>) =>
      (await readPage(opened(), MANAGEMENT_ACTIONS, { limit: 50, ...query })).data.map(({ action }) => action);
    expect(await actions({})).toEqual(['PUT /v1/endpoints/:id', 'POST /v1/replays', 'PUT /v1/tenants/:tenantId']);
    expect(await actions({ filters: { actor: 'bob' } })).toEqual(['PUT /v1/endpoints/:id', 'POST /v1/replays']);
    expect(await actions({ matching: ({ action }) => action.startsWith('PUT ') })).toEqual([
      'PUT /v1/endpoints/:id',
      'PUT /v1/tenants/:tenantId',
    ]);
  });

  it('has a digest that does not tell where plans lie, and leaves out groups that are empty', async () => {
    const us = new SampleLog('us');
    writeRecovered(us);
    await emptyStore(opened());
    await project(opened(), us.messages, [4]);
    const there = await digestOf(opened());
    await emptyStore(opened());
    await project(opened(), copiesIn('PEERS_EU', us.messages), [7]);
    expect(await digestOf(opened())).toEqual(there);
  });
}
