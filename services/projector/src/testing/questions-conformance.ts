import { expect, it } from 'vitest';
import { search } from '../adapters/queries/search.ts';
import { dispatchStory } from '../adapters/queries/dispatch-story.ts';
import { type List, type ListQuery, readPage } from '../adapters/queries/list.ts';
import { DELIVERIES, EVENTS, idsBetween } from '../adapters/queries/lists.ts';
import { measuredEndpoints, measuredRegions } from '../adapters/queries/measured.ts';
import { latestOf, seriesOf } from '../adapters/queries/rollups.ts';
import { schemaCounts } from '../adapters/queries/schemas.ts';
import type { Database } from '../adapters/store/database.ts';
import { GRAIN_MS } from '../domain/rollup-rows.ts';
import { emptyStore } from './empty-store.ts';
import { project, register } from './regions-conformance.ts';
import { SampleLog, sampleDeliveryId, sampleEventId } from './sample-facts.ts';
import { registryEntry, sampleEndpoint } from './sample-registry.ts';

const START = Date.UTC(2026, 0, 1);
const ALL = { scope: 'all', id: '' } as const;
const URLS = [
  'https://hooks-1.example.com/In',
  'https://hooks-12.example.com/',
  'https://HOOKS_1.example.com/',
  'https://hooks-1ß.example.com/',
];

/** An hour apart, so that each fact has buckets of its own. */
function sampleLog(): SampleLog {
  const log = new SampleLog('local', { apartMs: GRAIN_MS.hour });
  log.accepted(1);
  log.planned(1, ['ep_a', 'ep_b']);
  log.attempted(1, 'ep_a', 1, { kind: 'delivered' });
  log.attempted(1, 'ep_b', 1, { kind: 'dead_lettered', reason: 'attempts_exhausted' });
  log.accepted(2, 'beta');
  log.planned(2, ['ep_a'], 'beta');
  log.measured([3, 60], 2);
  log.ranToEnd(3);
  log.decided(3, ['github:acme/api/cd.yml']);
  return log;
}

/** What every store must answer to the questions of the dashboard. */
export function questionsConformance(opened: () => Database): void {
  const page = async <Row extends { id: string }>(list: List<Row>, query: Partial<ListQuery<Row>> = {}) => {
    const { data, ...rest } = await readPage(opened(), list, { limit: 50, ...query });
    return { ids: data.map(({ id }) => id), ...rest };
  };
  const found = async (text: string) => {
    const { correlated, ...lists } = await search(opened(), text);
    const named = Object.entries(lists).flatMap(([kind, rows]) => rows.map((row) => `${kind} ${'id' in row ? row.id : row.event_id}`));
    return correlated === undefined ? named : [...named, `correlated ${correlated.id}`];
  };

  it('answers series, regions, endpoints, schemas and decisions with the numbers that were written', async () => {
    const database = opened();
    await emptyStore(database);
    const log = sampleLog();
    await project(database, log.messages, [4]);
    const hours = await seriesOf(database, { ...ALL, grain: 'hour' }, { from: START + GRAIN_MS.hour, to: START + 8 * GRAIN_MS.hour });
    expect(
      hours.map(({ at, events, deliveries, attempts, refused }) => [(at - START) / GRAIN_MS.hour, events, deliveries, attempts, refused]),
    ).toEqual([
      [2, 0, 2, 0, 0],
      [3, 0, 0, 1, 0],
      [4, 0, 0, 1, 0],
      [6, 0, 1, 0, 0],
      [7, 0, 0, 0, 2],
    ]);
    expect(hours[4]).toMatchObject({ ack_count: 2, ack_p50_us: 5_000, processing_count: 0, processing_counts: null, attempt_p95_us: null });
    const now = START + 5 * GRAIN_MS.hour;
    expect(await latestOf(database, { ...ALL, grain: 'hour' }, now)).toMatchObject({ at: START + 4 * GRAIN_MS.hour, attempts: 1 });
    expect(await latestOf(database, { ...ALL, grain: 'minute' }, now)).toBeUndefined();
    expect(await measuredRegions(database, now + GRAIN_MS.minute)).toMatchObject([
      {
        region: 'local',
        totals: {
          event: { total: 3 },
          delivery: { total: 3, delivered: 1, dead_lettered: 1, planned: 1 },
          dead_letter: { total: 1, open: 1 },
        },
        oldestOpen: { id: sampleDeliveryId(2, 'ep_a'), at: START + 6 * GRAIN_MS.hour },
        minute: undefined,
        hour: { attempts: 1 },
      },
    ]);
    expect(await measuredEndpoints(database, ['ep_b', 'ep_none'], now)).toMatchObject([
      {
        endpointId: 'ep_b',
        totals: { dead_letter: { open: 1 } },
        hour: { dead_lettered: 1 },
        day: { attempts: 1 },
        lastAttempt: { number: 1 },
      },
      { endpointId: 'ep_none', totals: undefined, hour: undefined, day: undefined, lastAttempt: undefined },
    ]);
    const ever = await schemaCounts(database, { day: 0, after: undefined, limit: 1 });
    expect(ever).toMatchObject({
      rows: [
        { version: 3, verdict: 'accepted', value: 3 },
        { verdict: 'would_refuse', value: 3 },
      ],
      after: '',
    });
    const next = await schemaCounts(database, { day: START, after: '', limit: 9 });
    expect(next.after).toBeUndefined();
    expect(next.rows.filter(({ verdict }) => verdict === 'accepted').map(({ event_type: type, value }) => [type, value])).toEqual([
      ['github.workflow_run.completed', 1],
      ['order.paid', 2],
    ]);
    expect((await dispatchStory(database, sampleEventId(3)))?.dispatch).toMatchObject({ decided_stream: log.stream, decided_seq: 9 });
  });

  it('lists events and deliveries between two times and by their correlation, there and back', async () => {
    await emptyStore(opened());
    const log = new SampleLog();
    for (let n = 1; n <= 5; n += 1) {
      log.accepted(n);
      log.planned(n, ['ep_a']);
    }
    await project(opened(), log.messages, [500]);
    const between = { from: START + 2, to: START + 5 };
    const walks = async <Row extends { id: string }>(list: List<Row>, idOf: (n: number) => string): Promise<void> => {
      const first = await page(list, { limit: 2 });
      expect(first).toMatchObject({ ids: [idOf(4), idOf(3)], done: false });
      const second = await page(list, { limit: 2, iterator: first.iterator ?? '' });
      expect(second).toMatchObject({ ids: [idOf(2)], done: true });
      expect(await page(list, { limit: 2, iterator: second.prevIterator ?? '' })).toMatchObject({ ids: [idOf(4), idOf(3)] });
    };
    await walks({ ...EVENTS, between: idsBetween('evt', between) }, sampleEventId);
    await walks({ ...DELIVERIES, between: idsBetween('dlv', between) }, (n) => sampleDeliveryId(n, 'ep_a'));
    await opened()
      .db.updateTable('event')
      .set({ correlation_id: sampleEventId(1) })
      .where('id', '>', sampleEventId(3))
      .execute();
    const filters = { correlation_id: sampleEventId(1) };
    expect((await page(EVENTS, { filters })).ids).toEqual([5, 4, 1].map(sampleEventId));
    expect((await page(EVENTS, { filters, limit: 1 })).ids).toEqual([sampleEventId(5)]);
  });

  it('finds what begins with a text as it is written, however a language sorts it, and nothing by signs that mean more', async () => {
    await emptyStore(opened());
    const log = sampleLog();
    await project(opened(), log.messages, [500]);
    const endpoints = URLS.map((url, n) => registryEntry(n + 1, `local.endpoint.acme.ep_${n}`, { ...sampleEndpoint(`ep_${n}`), url }));
    const tenants = ['acme', 'ACME', 'acme-2'].map((id, n) =>
      registryEntry(n + 9, `local.tenant.${id}`, {
        id,
        name: id,
        createdAt: '2026-01-01T00:00:00.000Z',
        updatedAt: '2026-01-01T00:00:00.000Z',
      }),
    );
    await register(opened(), [...endpoints, ...tenants]);
    expect(await found('hooks-1')).toEqual(['endpoints ep_0', 'endpoints ep_1', 'endpoints ep_3']);
    expect(await found('https://hooks-1.example.com/I')).toEqual(['endpoints ep_0']);
    expect(await found('https://hooks-1.example.com/i')).toEqual([]);
    expect(await found('acme')).toEqual(['tenants acme', 'tenants acme-2']);
    expect(await found('ACM')).toEqual(['tenants ACME', 'tenants acme', 'tenants acme-2']);
    for (const text of ['a%', '%', '_c', 'a_me', '%me', 'evt_%', "' or 1=1 --", '😀', 'ep_01']) expect(await found(text), text).toEqual([]);
    expect(await found(sampleEventId(1))).toEqual([`events ${sampleEventId(1)}`]);
    expect(await found(sampleEventId(3).slice(4))).toContain(`dispatches ${sampleEventId(3)}`);
    expect(await found('acme/web')).toEqual([`dispatches ${sampleEventId(3)}`]);
  });
}
