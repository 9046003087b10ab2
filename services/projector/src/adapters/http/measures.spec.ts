import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { applyFacts } from '../../application/apply-batch.ts';
import { readFact } from '../../domain/read-fact.ts';
import { AskedRoutes } from '../../testing/asked-routes.ts';
import { SampleLog, sampleDeliveryId, sampleEventId } from '../../testing/sample-facts.ts';
import { openDatabase } from '../store/database.ts';
import { migrate } from '../store/migrate.ts';
import { projectionStore } from '../store/projection-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'waybill-measures-'));
const file = join(folder, 'read-models.sqlite');
/** Of the first fact; the others are a millisecond apart. */
const START = '2026-01-01T00:00:00.000Z';
const API = 'github:acme/api/cd.yml';
let routes: AskedRoutes;

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(START) + 90_000 });
  const database = openDatabase({ engine: 'sqlite', file });
  await migrate(database);
  const log = new SampleLog();
  log.accepted(1, 'acme');
  log.planned(1, ['ep_a', 'ep_b']);
  log.attempted(1, 'ep_a', 1, { kind: 'delivered' });
  log.attempted(1, 'ep_b', 1, { kind: 'dead_lettered', reason: 'attempts_exhausted' });
  log.accepted(2, 'other');
  log.planned(2, ['ep_a'], 'other');
  log.ranToEnd(3);
  log.decided(3, [API]);
  log.measured([3, 60], 2);
  const { checkpoint, inTransaction } = projectionStore(database);
  await checkpoint(log.stream);
  const step = { stream: log.stream, streamCreated: 'then', from: 0, to: log.messages.length, origin: null };
  await applyFacts(inTransaction, step, log.messages.map(readFact));
  const stamp = { scope: 'g', written_in: 'local', updated_at: 1, created_at: 1, region: 'local' } as const;
  const endpoint = { id: 'ep_a', tenant_id: 'acme', url: 'https://hooks.example.com/In', event_types: '[]', ...stamp };
  await database.db
    .insertInto('tenant')
    .values({ id: 'acme', name: 'Acme', ...stamp })
    .execute();
  await database.db
    .insertInto('endpoint')
    .values({ ...endpoint, disabled_reason: null, disabled_at: null })
    .execute();
  await database.close();
  routes = await AskedRoutes.open(file);
});
afterAll(async () => {
  vi.useRealTimers();
  await routes.close();
  rmSync(folder, { recursive: true, force: true });
});

const get = async (path: string) => (await routes.get(path)).body;
const FIRST = { at: START, events: 3, deliveries: 3, delivered: 1, deadLettered: 1, denied: 0, attempts: 2, failedAttempts: 1, refused: 2 };

describe('GET /v1/stats/series', () => {
  it('gives the buckets that exist, from the bucket of from on and before to', async () => {
    const query = 'grain=minute&from=2026-01-01T00:00:30Z&to=2026-01-01T00:01:00Z';
    expect(await get(`/v1/stats/series?${query}`)).toEqual({
      scope: 'all',
      id: null,
      grain: 'minute',
      from: START,
      to: '2026-01-01T00:01:00.000Z',
      data: [
        {
          ...FIRST,
          ack: { p50Ms: expect.any(Number), p95Ms: expect.any(Number), p99Ms: expect.any(Number), count: 2 },
          processing: expect.objectContaining({ count: 2 }),
          attempt: expect.objectContaining({ count: 2 }),
        },
      ],
    });
    expect(await get('/v1/stats/series?grain=minute&from=2026-01-01T00:01:00Z&to=2026-01-01T00:02:00Z')).toMatchObject({ data: [] });
    expect(await get('/v1/stats/series?grain=day&scope=tenant&id=other')).toMatchObject({
      to: '2026-01-02T00:00:00.000Z',
      data: [{ at: START, events: 1, deliveries: 1, attempts: 0, ack: null, attempt: null }],
    });
    expect(await get('/v1/stats/series?scope=endpoint&id=ep_b')).toMatchObject({ grain: 'hour', data: [{ deadLettered: 1, refused: 0 }] });
  });

  it.each([
    ['grain=minute&scope=tenant&id=acme', 'grain: minutes are kept for the scopes all and region'],
    ['scope=tenant', 'id: give the id'],
    ['grain=minute&from=2025-12-31T00:00:00Z&to=2026-01-01T00:00:00Z', '1440 buckets of a minute are more than 500'],
    ['from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'from: must be before to'],
    ['colour=red', 'colour: there is no such filter'],
  ])('refuses %s and says why', async (query, why) => {
    const { status, body } = await routes.get(`/v1/stats/series?${query}`);
    expect(status).toBe(422);
    expect(JSON.stringify(body)).toContain(why);
  });
});

describe('the other numbers', () => {
  it('tell how each region does', async () => {
    const open = { deliveryId: sampleDeliveryId(2, 'ep_a'), at: '2026-01-01T00:00:00.006Z' };
    const totals = { events: { total: 3, planned: 2 }, deliveries: { total: 3 }, deadLetters: { total: 1, open: 1, redriven: 0 } };
    expect(await get('/v1/stats/regions')).toMatchObject({
      data: [{ region: 'local', totals, oldestOpen: open, minute: FIRST, hour: FIRST }],
    });
  });

  it('tell how endpoints do, in the order asked for, those that nothing is known of too', async () => {
    const { data } = await get('/v1/stats/endpoints?ids=ep_b,ep_none,ep_a');
    expect(data).toMatchObject([
      {
        endpointId: 'ep_b',
        totals: { deadLetters: { open: 1 } },
        hour: { deadLettered: 1 },
        day: { attempts: 1 },
        lastAttempt: { attempt: 1, outcome: 'retryable' },
      },
      { endpointId: 'ep_none', totals: { deliveries: { total: 0 } }, hour: null, day: null, lastAttempt: null },
      { endpointId: 'ep_a', totals: { deliveries: { total: 2, delivered: 1 } }, lastAttempt: { connectMs: null, firstByteMs: null } },
    ]);
    expect(await get('/v1/stats/totals?scope=tenant&id=acme')).toMatchObject({
      deadLetters: { total: 1, open: 1, redriven: 0, discarded: 0 },
    });
  });

  it('tell versions and verdicts, and what a higher minCompatible would have refused', async () => {
    const all = { eventType: '', version: 3, verdict: 'accepted', count: 3 };
    const ever = await get('/v1/schemas');
    expect(ever).toMatchObject({ day: null, done: true, iterator: null });
    expect(ever['data']).toEqual(expect.arrayContaining([all, { ...all, eventType: 'order.paid', count: 2 }]));
    expect(ever['whatIf']).toEqual(expect.arrayContaining([{ eventType: '', minCompatible: 4, refused: 3 }]));
    const first = await get('/v1/schemas?day=2026-01-01&limit=1');
    expect(first).toMatchObject({ day: '2026-01-01', data: [all], done: false });
    const second = await get(`/v1/schemas?day=2026-01-01&limit=1&iterator=${String(first['iterator'])}`);
    expect(second).toMatchObject({ data: [{ eventType: 'github.workflow_run.completed', count: 1 }], done: false });
    expect(await get('/v1/schemas?day=2026-01-02')).toMatchObject({ data: [], whatIf: [], done: true });
  });
});

describe('GET /v1/search', () => {
  it.each([
    [sampleEventId(1), [{ kind: 'event', id: sampleEventId(1), tenantId: 'acme', title: 'order.paid', detail: 'planned' }]],
    [sampleEventId(2).toUpperCase(), [{ kind: 'event', id: sampleEventId(2) }]],
    [sampleDeliveryId(2, 'ep_a').slice(0, 30), [{ kind: 'delivery', id: sampleDeliveryId(2, 'ep_a'), detail: 'planned · ep_a' }]],
    ['acm', [{ kind: 'tenant', id: 'acme', title: 'Acme' }]],
    ['hooks.example', [{ kind: 'endpoint', id: 'ep_a', title: 'https://hooks.example.com/In' }]],
    ['https://HOOKS.example.com/In', [{ kind: 'endpoint', id: 'ep_a' }]],
    ['Acme/Web', [{ kind: 'dispatch', id: sampleEventId(3), title: 'Acme/web · ci.yml' }]],
    ['nothing like it', []],
  ])('finds %s', async (text, found) => {
    expect((await get(`/v1/search?q=${encodeURIComponent(text)}`))['data']).toMatchObject(found);
  });

  it('refuses what is too short, and what no store can look for', async () => {
    for (const q of ['a', '%20a%20', 'a%00b']) expect((await routes.get(`/v1/search?q=${q}`)).status, q).toBe(422);
    expect((await routes.get('/v1/events?tenantId=a%00b')).status).toBe(422);
  });
});
