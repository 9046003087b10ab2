import { z } from 'zod';

/** Asks a path; throws unless it is answered with 200. */
export type Ask = (path: string) => Promise<unknown>;

/** One route, as pages ask it: `pathOf` gives the path of question `n`. */
export interface Question {
  readonly route: string;
  readonly pathOf: (n: number) => string;
}

const rowsSchema = z.object({ data: z.array(z.record(z.string(), z.unknown())), iterator: z.string().nullish() });
/** Pages of a list that samples are taken from, and rows of each. */
const PAGES = 4;
const ROWS = 250;
const HOUR_MS = 3_600_000;
/** Hours that the store goes back. */
const HOURS = 900;

/** Texts of one member of the rows of a list. */
async function samples(ask: Ask, list: string, member: string): Promise<readonly string[]> {
  const found = new Set<string>();
  const mark = list.includes('?') ? '&' : '?';
  let iterator: string | null | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const next: string = iterator === undefined || iterator === null ? '' : `&iterator=${iterator}`;
    const answer = rowsSchema.parse(await ask(`${list}${mark}limit=${ROWS}${next}`));
    for (const row of answer.data) if (typeof row[member] === 'string') found.add(row[member]);
    iterator = answer.iterator;
    if (iterator === undefined || iterator === null) break;
  }
  if (found.size === 0) throw new Error(`${list} shows nothing`);
  return [...found];
}

const pick = (from: readonly string[], n: number): string => encodeURIComponent(from[n % from.length] ?? '');

/** What the store has, to ask for. */
interface Samples {
  readonly events: readonly string[];
  readonly tenants: readonly string[];
  readonly types: readonly string[];
  readonly deliveries: readonly string[];
  readonly endpoints: readonly string[];
  readonly deadLetters: readonly string[];
  readonly runs: readonly string[];
  readonly repositories: readonly string[];
  readonly regions: readonly string[];
}

/** What pages are made of, with filters that a person would choose. Ids are those that the store has. */
export async function questionsOf(ask: Ask, nowMs: number): Promise<Question[]> {
  const has: Samples = {
    events: await samples(ask, '/v1/events', 'id'),
    tenants: await samples(ask, '/v1/events', 'tenantId'),
    types: await samples(ask, '/v1/events', 'eventType'),
    deliveries: await samples(ask, '/v1/deliveries', 'id'),
    endpoints: (await samples(ask, '/v1/deliveries', 'endpointId')).filter((id) => id.startsWith('ep_')),
    deadLetters: await samples(ask, '/v1/dead-letters', 'id'),
    runs: await samples(ask, '/v1/dispatches', 'eventId'),
    repositories: await samples(ask, '/v1/dispatches', 'repository'),
    regions: await samples(ask, '/v1/stats/regions', 'region'),
  };
  const all = [...lists(has, nowMs), ...others(has), ...numbers(has, nowMs)];
  return all.map(([route, pathOf]) => ({ route, pathOf }));
}

type Asked = readonly [route: string, pathOf: Question['pathOf']];

/** Six hours, somewhere in the time that the store goes back. */
function range(n: number, nowMs: number): string {
  const hoursBack = (n * 37) % HOURS;
  return `from=${new Date(nowMs - (hoursBack + 6) * HOUR_MS).toISOString()}&to=${new Date(nowMs - hoursBack * HOUR_MS).toISOString()}`;
}

function lists({ tenants, types, endpoints, deliveries }: Samples, nowMs: number): Asked[] {
  const ofTenant = (path: string) => (n: number) => `${path}?tenantId=${pick(tenants, n)}`;
  return [
    ['/v1/events', () => '/v1/events'],
    ['/v1/events by tenant', ofTenant('/v1/events')],
    ['/v1/events by type and time', (n) => `/v1/events?eventType=${pick(types, n)}&${range(n, nowMs)}`],
    ['/v1/events by state, tenant and source', (n) => `${ofTenant('/v1/events')(n)}&state=planned&source=api`],
    ['/v1/events by time, 250 rows', (n) => `/v1/events?limit=250&${range(n, nowMs)}`],
    ['/v1/deliveries', () => '/v1/deliveries'],
    ['/v1/deliveries by endpoint', (n) => `/v1/deliveries?endpointId=${pick(endpoints, n)}`],
    ['/v1/deliveries by state and tenant', (n) => `${ofTenant('/v1/deliveries')(n)}&state=dead_lettered`],
    ['/v1/deliveries by time, 250 rows', (n) => `/v1/deliveries?limit=250&${range(n, nowMs)}`],
    ['/v1/attempts by endpoint', (n) => `/v1/attempts?endpointId=${pick(endpoints, n)}`],
    ['/v1/attempts by delivery', (n) => `/v1/attempts?deliveryId=${pick(deliveries, n)}`],
    ['/v1/dead-letters', () => '/v1/dead-letters'],
    ['/v1/dead-letters by tenant and time', (n) => `${ofTenant('/v1/dead-letters')(n)}&${range(n, nowMs)}`],
    ['/v1/dead-letters by reason', () => '/v1/dead-letters?reason=egress_denied'],
  ];
}

function others({ events, deliveries, deadLetters, runs, repositories }: Samples): Asked[] {
  return [
    ['/v1/events/:id', (n) => `/v1/events/${pick(events, n)}`],
    ['/v1/deliveries/:id', (n) => `/v1/deliveries/${pick(deliveries, n)}`],
    ['/v1/dead-letters/:id', (n) => `/v1/dead-letters/${pick(deadLetters, n)}`],
    ['/v1/dead-letters/groups', () => '/v1/dead-letters/groups'],
    ['/v1/dispatches', () => '/v1/dispatches'],
    ['/v1/dispatches by repository', (n) => `/v1/dispatches?repository=${pick(repositories, n)}`],
    ['/v1/dispatches by state', (n) => `/v1/dispatches?state=${n % 2 === 0 ? 'failed' : 'skipped'}`],
    ['/v1/dispatches/:eventId', (n) => `/v1/dispatches/${pick(runs, n)}`],
    ['/v1/management-actions by actor', (n) => `/v1/management-actions?actor=actor-${n % 5}`],
    ['/v1/regions/history', () => '/v1/regions/history'],
    ['/v1/search by id', (n) => `/v1/search?q=${pick(events, n).slice(0, 14 + (n % 16))}`],
    ['/v1/search by address', (n) => `/v1/search?q=hooks-${n % 200}`],
  ];
}

function numbers({ tenants, endpoints, regions }: Samples, nowMs: number): Asked[] {
  const hundred = endpoints.slice(0, 100).join(',');
  const eightHours = new Date(nowMs - 8 * HOUR_MS).toISOString();
  return [
    ['/v1/schemas', () => '/v1/schemas'],
    ['/v1/stats/totals of a tenant', (n) => `/v1/stats/totals?scope=tenant&id=${pick(tenants, n)}`],
    ['/v1/stats/regions', () => '/v1/stats/regions'],
    ['/v1/stats/endpoints, 100 of them', () => `/v1/stats/endpoints?ids=${hundred}`],
    ['/v1/stats/series by minute', (n) => `/v1/stats/series?scope=region&id=${pick(regions, n)}&grain=minute`],
    ['/v1/stats/series, 480 minutes', () => `/v1/stats/series?grain=minute&from=${eightHours}`],
    ['/v1/stats/series of an endpoint', (n) => `/v1/stats/series?scope=endpoint&id=${pick(endpoints, n)}&grain=hour`],
    ['/v1/stats/dispatches', () => '/v1/stats/dispatches'],
    ['/v1/stats/position', () => '/v1/stats/position'],
    ['/v1/stats/lag', () => '/v1/stats/lag'],
    ['/v1/projections', () => '/v1/projections'],
  ];
}
