import { GRAIN_MS, type Grain, MEASURES, ROLLUP_COUNTERS } from '../domain/rollup-rows.ts';
import { MADE, type MadeStore } from './made-rows.ts';

/** How far back buckets go: minutes are dropped after some days, and of the rest more would only make the file larger. */
const DAYS: Readonly<Record<Grain, number>> = { minute: 8, hour: 8, day: MADE.days };
/** Deliveries of a hundred by state. */
const SHARES = { delivered: 98, dead_lettered: 1, denied: 1 } as const;

interface Counted {
  readonly scope: 'all' | 'region' | 'tenant' | 'endpoint';
  /** Of the scopes: a statement that gives their ids as `id`. */
  readonly ids: string;
  readonly count: number;
  readonly grains: readonly Grain[];
}

const SCOPES = (region: string): readonly Counted[] => [
  { scope: 'all', ids: `select '' as id`, count: 1, grains: ['minute', 'hour', 'day'] },
  { scope: 'region', ids: `select '${region}' as id union all select '${MADE.otherRegion}'`, count: 2, grains: ['minute', 'hour', 'day'] },
  { scope: 'tenant', ids: 'select id from tenant', count: MADE.tenants, grains: ['hour', 'day'] },
  { scope: 'endpoint', ids: 'select id from endpoint', count: MADE.endpoints, grains: ['hour', 'day'] },
];

/**
 * Statements that fill the counters: as many rows as such a store has, with numbers that are about right. They are computed from its size instead of being
 * counted, which would take longer than everything else.
 */
export function madeCounters(store: MadeStore): string[] {
  const scopes = SCOPES(store.region);
  return [
    ...scopes.flatMap((counted) => counted.grains.map((grain) => rollups(store, counted, grain))),
    ...scopes.map((counted) => totals(store, counted)),
    schemaCounts(store),
    `insert into dead_letter_group (scope, tenant_id, endpoint_id, reason, region, open)
      select 'g', tenant_id, endpoint_id, reason, region, count(*) from dead_letter where state = 'open' group by tenant_id, endpoint_id, reason, region`,
  ];
}

function rollups({ events, endMs }: MadeStore, { scope, ids, count }: Counted, grain: Grain): string {
  const bucketMs = GRAIN_MS[grain];
  const buckets = Math.floor((DAYS[grain] * GRAIN_MS.day) / bucketMs);
  const last = Math.floor(endMs / bucketMs) * bucketMs;
  const at = `(${last} - n * ${bucketMs})`;
  const each = Math.max(1, Math.round((events * bucketMs) / (MADE.days * GRAIN_MS.day) / count));
  const measured = MEASURES.flatMap((measure) => ['counts', 'count', 'p50_us', 'p95_us', 'p99_us'].map((part) => `${measure}_${part}`));
  const histogram = `'[0,0,${each},0,0,0,0,0,0,0,0,0,0,0,0,0,0]', ${each}, 4000 + n % 900, 5000 + n % 900, 9000 + n % 900`;
  return `with recursive n(n) as (select 0 union all select n + 1 from n where n < ${buckets - 1})
    insert into rollup (id, grain, at, ${ROLLUP_COUNTERS.join(', ')}, ${measured.join(', ')})
    select '${scope}|' || s.id || '|${grain}|' || printf('%013d', ${at}), '${grain}', ${at}, ${each}, ${each}, ${each}, n % 3, 0, ${each} + n % 5, n % 5, n % 2,
      ${MEASURES.map(() => histogram).join(', ')} from (${ids}) s cross join n`;
}

function totals({ events }: MadeStore, { scope, ids, count }: Counted): string {
  const each = Math.max(1, Math.round(events / count));
  const states = [
    ['event', 'total', each],
    ['event', 'planned', each],
    ['delivery', 'total', each],
    ...Object.entries(SHARES).map(([state, share]) => ['delivery', state, Math.round((each * share) / 100)] as const),
    ['attempt', 'total', each],
    ['attempt', 'accepted', each],
    ['dead_letter', 'total', Math.round(each / 100)],
    ['dead_letter', 'open', Math.round(each / 200)],
    ['dispatch', 'total', Math.round(each / 100)],
    ['dispatch', 'done', Math.round(each / 100)],
  ] as const;
  const values = states
    .map(([subject, state, value]) => `select '${subject}' as subject, '${state}' as state, ${value} as value`)
    .join(' union all ');
  return `insert into total (scope, scope_id, subject, state, value) select '${scope}', s.id, v.subject, v.state, v.value from (${ids}) s cross join (${values}) v`;
}

function schemaCounts({ events, endMs }: MadeStore): string {
  const last = Math.floor(endMs / GRAIN_MS.day) * GRAIN_MS.day;
  const verdicts = `select 'accepted' as verdict, 3 as version, ${events} as value union all select 'accepted', 2, ${events} / 9
    union all select 'drop_incompatible', 1, ${events} / 500 union all select 'would_refuse', 3, ${events} / 9 union all select 'would_refuse', 4, ${events}`;
  const types = ['', 'github.workflow_run.completed', 'order.held', 'order.made', 'order.paid', 'order.sent'];
  return `with recursive n(n) as (select 0 union all select n + 1 from n where n <= ${MADE.days})
    insert into schema_count (day, event_type, version, verdict, value)
    select iif(n > ${MADE.days}, 0, ${last} - n * ${GRAIN_MS.day}), t.type, v.version, v.verdict, v.value / ${MADE.days}
    from n cross join (${types.map((type) => `select '${type}' as type`).join(' union all ')}) t cross join (${verdicts}) v`;
}
