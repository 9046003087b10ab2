import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AskedRoutes } from '../../testing/asked-routes.ts';
import { MADE } from '../../testing/made-rows.ts';
import { makeStore } from '../../testing/made-store.ts';
import { endpointStatsQuery, schemasQuery, searchQuery, seriesQuery } from './measure-queries.ts';
import * as queries from './query-schemas.ts';

const EVENTS = 1_000_000;
/** Of the newest ones: 40 hours of them. What a statement reads does not hang on it. */
const DELIVERED = 40_000;
/** Of the newest event. */
const END_MS = Date.now();
const HOUR_MS = 3_600_000;
const REGION = 'local';

const folder = mkdtempSync(join(tmpdir(), 'waybill-million-'));
let routes: AskedRoutes;
let found: Record<'event' | 'delivery' | 'deadLetter' | 'run' | 'endpoint', string>;

beforeAll(async () => {
  const file = await makeStore(folder, { events: EVENTS, region: REGION, endMs: END_MS, delivered: DELIVERED });
  routes = await AskedRoutes.open(file);
  found = {
    event: await first('/v1/events?state=unmatched', 'id'),
    delivery: await first('/v1/deliveries?state=retrying', 'id'),
    deadLetter: await first('/v1/dead-letters', 'id'),
    run: await first('/v1/dispatches?state=failed', 'eventId'),
    endpoint: await first(`/v1/deliveries?tenantId=tenant-7`, 'endpointId'),
  };
}, 240_000);
afterAll(async () => {
  await routes.close();
  rmSync(folder, { recursive: true, force: true });
});

const pageSchema = z.object({ data: z.array(z.record(z.string(), z.unknown())) });
async function first(path: string, member: string): Promise<string> {
  return String(pageSchema.parse((await routes.get(`${path}${path.includes('?') ? '&' : '?'}limit=1`)).body).data[0]?.[member]);
}

const at = (hoursBack: number): string => new Date(END_MS - hoursBack * HOUR_MS).toISOString();
const RANGE = `from=${at(30)}&to=${at(20)}`;

/** What is asked of each route, by the names of its query's parameters: each of them at least once. */
interface Case {
  readonly query?: z.ZodObject | undefined;
  readonly paths: () => readonly string[];
}
const listOf = (path: string, ...queriesOf: string[]): string[] => [path, ...queriesOf.map((query) => `${path}?${query}`)];
const shapeOf = (schema: z.ZodType): z.ZodObject => z.instanceof(z.ZodObject).parse(schema);

const CASES: Readonly<Record<string, Case>> = {
  '/v1/events': {
    query: queries.eventsQuery,
    paths: () =>
      listOf(
        '/v1/events',
        'limit=250',
        'tenantId=tenant-7',
        'eventType=order.paid',
        'state=refused',
        'state=planned',
        `region=${REGION}`,
        'source=api',
        `correlationId=${MADE.correlation}`,
        `correlationId=${found.event}`,
        RANGE,
        `${RANGE}&tenantId=tenant-7&state=planned&source=api`,
      ),
  },
  '/v1/events/:id': { query: queries.payloadQuery, paths: () => listOf(`/v1/events/${found.event}`, 'payload=full') },
  '/v1/deliveries': {
    query: queries.deliveriesQuery,
    paths: () =>
      listOf(
        '/v1/deliveries',
        'limit=250',
        'tenantId=tenant-7',
        `endpointId=${found.endpoint}`,
        'state=dead_lettered',
        'state=delivered',
        `eventId=evt_${found.delivery.slice(4, 30)}`,
        `jobId=${MADE.jobId}0000000000000003`,
        RANGE,
        `${RANGE}&state=dead_lettered&tenantId=tenant-1`,
      ),
  },
  '/v1/deliveries/:id': { paths: () => [`/v1/deliveries/${found.delivery}`, `/v1/deliveries/${found.deadLetter}`] },
  '/v1/attempts': {
    query: shapeOf(queries.attemptsQuery),
    paths: () => [`/v1/attempts?endpointId=${found.endpoint}&limit=250`, `/v1/attempts?deliveryId=${found.delivery}`],
  },
  '/v1/dead-letters': {
    query: queries.deadLettersQuery,
    paths: () =>
      listOf(
        '/v1/dead-letters',
        'state=redriven&limit=250',
        'tenantId=tenant-1',
        'endpointId=ep_01jz0000000000000000000001',
        'reason=egress_denied',
        'eventType=order.sent',
        `region=${REGION}&${RANGE}`,
        `from=${at(35)}&to=${at(10)}&state=discarded`,
      ),
  },
  '/v1/dead-letters/groups': {
    query: queries.deadLetterGroupsQuery,
    paths: () => listOf('/v1/dead-letters/groups', 'tenantId=tenant-1', `region=${MADE.otherRegion}&limit=250`),
  },
  '/v1/dead-letters/:id': { query: queries.payloadQuery, paths: () => listOf(`/v1/dead-letters/${found.deadLetter}`, 'payload=full') },
  '/v1/dispatches': {
    query: queries.dispatchesQuery,
    paths: () =>
      listOf(
        '/v1/dispatches',
        'repository=acme/web-3&limit=250',
        'workflow=ci.yml',
        'state=failed',
        'state=skipped',
        'tenantId=tenant-11',
        `region=${MADE.otherRegion}`,
      ),
  },
  '/v1/dispatches/:eventId': { paths: () => [`/v1/dispatches/${found.run}`] },
  '/v1/management-actions': {
    query: queries.managementActionsQuery,
    paths: () => listOf('/v1/management-actions', 'actor=actor-3&limit=250', 'action=PUT'),
  },
  '/v1/projections': { paths: () => ['/v1/projections'] },
  '/v1/regions/history': {
    query: queries.regionHistoryQuery,
    paths: () => listOf('/v1/regions/history', `region=${MADE.otherRegion}&limit=250`),
  },
  '/v1/stats/dispatches': {
    query: shapeOf(queries.dispatchTotalsQuery),
    paths: () => listOf('/v1/stats/dispatches', 'scope=tenant&id=tenant-11'),
  },
  '/v1/stats/totals': {
    query: shapeOf(queries.totalsQuery),
    paths: () => listOf('/v1/stats/totals', `scope=endpoint&id=${found.endpoint}`),
  },
  '/v1/stats/lag': { paths: () => ['/v1/stats/lag'] },
  '/v1/stats/position': { paths: () => ['/v1/stats/position'] },
  '/v1/stats/series': {
    query: shapeOf(seriesQuery),
    paths: () =>
      listOf(
        '/v1/stats/series',
        `grain=minute&from=${at(8)}&to=${at(0)}`,
        `scope=region&id=${REGION}&grain=minute`,
        'scope=tenant&id=tenant-7&grain=day',
        `scope=endpoint&id=${found.endpoint}&grain=hour`,
      ),
  },
  '/v1/stats/regions': { paths: () => ['/v1/stats/regions'] },
  '/v1/stats/endpoints': { query: endpointStatsQuery, paths: () => [`/v1/stats/endpoints?ids=${hundredEndpoints()}`] },
  '/v1/schemas': { query: schemasQuery, paths: () => listOf('/v1/schemas', `day=${at(24).slice(0, 10)}&limit=2`) },
  '/metrics': { paths: () => ['/metrics'] },
  '/v1/search': {
    query: searchQuery,
    paths: () =>
      [
        found.event,
        found.event.slice(4, 12),
        found.delivery.slice(0, 14),
        'hooks-1',
        'https://hooks-12',
        'tenant-1',
        'acme/web-3',
        MADE.correlation,
      ]
        .map(encodeURIComponent)
        .map((q) => `/v1/search?q=${q}`),
  },
};
const hundredEndpoints = (): string => Array.from({ length: 100 }, (_, n) => `ep_01jz000000${String(n).padStart(16, '0')}`).join(',');

/** Routes that ask the store nothing, or may read it all: an operator's check whether lists and numbers can be believed. */
const NOT_HERE = [
  'GET /health/live',
  'GET /health/ready',
  'GET /v1/live',
  'GET /v1/stats/digest',
  'POST /v1/projections/rebuild',
  'POST /v1/projections/verify',
];
/** Of every list: the first comes from its pages, the second changes no statement. */
const OF_PAGES = new Set(['iterator', 'limit']);
/** Nothing was projected into the made-up store. */
const MAY_BE_EMPTY = new Set(['/v1/stats/lag']);

const answerSchema = z.looseObject({ data: z.unknown().optional(), iterator: z.string().nullish() });

describe('with a million events', () => {
  it('every route of the projector is asked here', () => {
    expect(routes.routes.toSorted()).toEqual([...Object.keys(CASES).map((path) => `GET ${path}`), ...NOT_HERE].toSorted());
  });

  it.each(Object.entries(CASES))('%s reads along indexes alone, whatever it is asked', async (path, { query, paths }) => {
    const asked = paths();
    for (const one of asked) {
      const { status, body, statements, growing } = await routes.get(one);
      expect([status, growing], one).toEqual([200, []]);
      const { data, iterator } = answerSchema.parse(body);
      expect(statements, one).toBeGreaterThan(0);
      if (!MAY_BE_EMPTY.has(path)) expect(data, one).not.toEqual([]);
      if (iterator === undefined || iterator === null) continue;
      const next = await routes.get(`${one}${one.includes('?') ? '&' : '?'}iterator=${iterator}`);
      expect([next.status, next.growing], one).toEqual([200, []]);
    }
    const names = new Set(asked.flatMap((one) => [...new URL(one, 'http://here').searchParams.keys()]));
    const parameters = Object.keys(query?.shape ?? {}).filter((name) => !OF_PAGES.has(name));
    expect(parameters.filter((name) => !names.has(name))).toEqual([]);
  });
});
