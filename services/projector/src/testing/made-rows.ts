/** How large a made-up store is and when it ends. */
export interface MadeStore {
  readonly events: number;
  readonly region: string;
  /** When the newest event was accepted, in ms. */
  readonly endMs: number;
  /** Of how many of the newest events there are deliveries, where making them all would take too long. Default: all. */
  readonly delivered?: number;
}

/** What is made of everything, so that whoever asks knows what to ask for. */
export const MADE = {
  tenants: 40,
  endpoints: 200,
  otherRegion: 'elsewhere',
  days: 40,
  jobId: 'job_01jz000000',
  correlation: 'order-7',
} as const;

const DAY_MS = 86_400_000;
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
/** A time as the ten characters that ids begin with. */
const timeOf = (ms: string): string =>
  Array.from({ length: 10 }, (_, at) => `substr('${DIGITS}', ((${ms} >> ${45 - 5 * at}) & 31) + 1, 1)`).join('||');
const numbers = (count: number, first = 0): string =>
  `with recursive n(n) as (select ${first} union all select n + 1 from n where n < ${first + count - 1})`;
const endpointId = (n: string): string => `printf('ep_01jz000000%016d', ${n})`;
const tenantId = (n: string): string => `printf('tenant-%d', ${n})`;
const text = (value: string): string => `'${value}'`;

/**
 * Statements that fill a store with made-up events, one every few seconds over 40 days, each delivered once: most at the first attempt, every hundredth
 * to the dead letters, every thousandth still waiting for its retry, the newest not tried yet; every hundredth is the end of a workflow run.
 */
export function madeRows(store: MadeStore): string[] {
  return [
    events(store),
    deliveries(store),
    replays(store),
    attempts(),
    deadLetters(),
    ...dispatches(store),
    ...operations(store),
    ...registry(store),
  ];
}

function events({ events: count, region, endMs }: MadeStore): string {
  const stepMs = Math.floor((MADE.days * DAY_MS) / count);
  const at = `(${endMs - (count - 1) * stepMs} + n * ${stepMs})`;
  const type = `case when n % 100 = 11 then 'github.workflow_run.completed' else 'order.' || substr('paid,sent,made,held', 1 + 5 * (n % 4), 4) end`;
  const state = `case when n % 500 = 7 then 'refused' when n % 200 = 3 then 'unmatched' when n >= ${count - 20} then 'accepted' else 'planned' end`;
  const plans = `'[{"region":"${region}","by":"${region}","at":' || ${at} || ',"deliveries":1}]'`;
  const planned = `n < ${count - 20} and n % 500 <> 7`;
  return `${numbers(count)} insert into event (id, tenant_id, event_type, source, region, at, state, verdict, detail, correlation_id, ordering_key, stream,
    accepted_seq, plan_seq, delivery_count, scope, origin_seq, plans, version, min_compatible)
    select 'evt_' || ${timeOf(at)} || printf('%016d', n), ${tenantId(`n % ${MADE.tenants}`)}, ${type},
      case when n % 100 = 11 then 'github' when n % 3 = 0 then 'api' else 'webhook' end, ${regionOf(region)}, ${at}, ${state},
      iif(n % 500 = 7, 'drop_incompatible', null), iif(n % 500 = 7, 'version 1', null), iif(n % 50 = 4, 'order-' || (n / 500), null), null,
      ${text(`LOG_${region}`)}, 3 * n + 1, iif(${planned}, 3 * n + 2, null), iif(${planned} and n % 200 <> 3, 1, 0), 'g', n,
      iif(${planned}, ${plans}, null), 3, 2 from n`;
}

const regionOf = (region: string): string => `iif(n / 100 % 4 = 1, ${text(MADE.otherRegion)}, ${text(region)})`;

function deliveries({ events: count, region, delivered = count }: MadeStore): string {
  const n = 'origin_seq';
  const state = `case when ${n} >= ${count - 60} then 'planned' when ${n} % 1000 = 605 then 'retrying' when ${n} % 100 = 1 then
    iif(${n} % 300 = 1, 'superseded', 'dead_lettered') when ${n} % 500 = 9 then 'denied' else 'delivered' end`;
  const hasEnd = `${n} < ${count - 60} and ${n} % 1000 <> 605`;
  return `insert into delivery (id, event_id, tenant_id, endpoint_id, event_type, region, at, state, attempts, last_http_status, last_reason,
    next_attempt_at, updated_at, ended_at, end_reason, scope, job_id, replay_of, plan_stream, plan_seq)
    select 'dlv_' || substr(id, 5) || '0000000000000001', id, tenant_id,
      iif(${n} % 100 = 11, 'github:acme/api/cd.yml', ${endpointId(`${n} % ${MADE.tenants} + ${MADE.tenants} * (${n} / ${MADE.tenants} % 5)`)}),
      event_type, region, at + 3, ${state}, case when ${n} >= ${count - 60} then 0 when ${n} % 100 = 1 then 3 when ${n} % 50 = 2 then 2 else 1 end,
      iif(${n} % 100 = 1, 500, 200), iif(${n} % 100 = 1, 'http_status', null), iif(${n} % 1000 = 605, at + 30000, null), at + 60,
      iif(${hasEnd}, at + 60, null), case when ${n} % 100 = 1 then 'attempts_exhausted' when ${n} % 500 = 9 then 'egress_denied' end, 'g', null, null,
      ${text(`LOG_${region}`)}, plan_seq from event where state = 'planned' and ${n} >= ${count - delivered}`;
}

/** What a job delivered again. */
function replays({ endMs }: MadeStore): string {
  return `insert into delivery (id, event_id, tenant_id, endpoint_id, event_type, region, at, state, attempts, last_http_status, last_reason, next_attempt_at,
    updated_at, ended_at, end_reason, scope, job_id, replay_of, plan_stream, plan_seq)
    select 'dlv_' || ${timeOf(String(endMs - 3_600_000))} || substr(id, 15, 16) || '0000000000000002', event_id, tenant_id, endpoint_id, event_type, region,
      ${endMs - 3_600_000}, 'delivered', 1, 200, null, null, ${endMs}, ${endMs}, null, 'g', printf('${MADE.jobId}%016d', plan_seq / 900 % 10), id, plan_stream,
      plan_seq from delivery where state = 'superseded'`;
}

function attempts(): string {
  return `insert into attempt (delivery_id, number, region, event_id, tenant_id, endpoint_id, scope, at, duration_ms, outcome, http_status, reason, detail,
    response, connect_ms, first_byte_ms)
    select id, tries.n, region, event_id, tenant_id, endpoint_id, 'g', at + 10 * tries.n, 5 + plan_seq % 40,
      iif(state = 'delivered' and tries.n = attempts, 'accepted', 'retryable'), iif(state = 'delivered' and tries.n = attempts, 200, 500),
      iif(state = 'delivered' and tries.n = attempts, null, 'http_status'), null, 'ok', iif(plan_seq % 9 = 0, 2, null), 4 + plan_seq % 40
    from delivery cross join (select 1 as n union all select 2 union all select 3) tries where tries.n <= attempts`;
}

function deadLetters(): string {
  const state = `case when delivery.state = 'superseded' then 'redriven' when plan_seq % 7 = 0 then 'discarded' else 'open' end`;
  const settled = `delivery.state = 'superseded' or plan_seq % 7 = 0`;
  return `insert into dead_letter (id, kind, at, tenant_id, endpoint_id, event_id, event_type, region, reason, detail, http_status, scope, state, resolved_at,
    job_id, actor, resolved_reason)
    select id, 'delivery', ended_at, tenant_id, endpoint_id, event_id, event_type, region, coalesce(end_reason, 'attempts_exhausted'), null, 500, 'g',
      ${state}, iif(${settled}, ended_at + 60000, null), iif(delivery.state = 'superseded', ${text(MADE.jobId)}, null),
      iif(delivery.state <> 'superseded' and plan_seq % 7 = 0, 'ann', null), null
    from delivery where state in ('dead_lettered', 'superseded', 'denied')`;
}

function dispatches({ region }: MadeStore): string[] {
  const source = `from event where event_type = 'github.workflow_run.completed' and state = 'planned'`;
  const done = `iif(origin_seq % 300 = 11, 'failed', iif(origin_seq % 200 = 11, 'skipped', 'done'))`;
  const ended = `iif(origin_seq % 200 = 11, 0, 1)`;
  const dispatch = `insert into dispatch (event_id, tenant_id, scope, region, at, state, identity, host, repository, repository_id, owner, repo, workflow, run_id,
    run_attempt, conclusion, run_event, branch, sha, url, warnings, chain_id, chain_depth, target_count, allowed_count, denied_count, started_count, failed_count,
    unknown_count, ended_count, decided_stream, decided_seq)
    select id, tenant_id, 'g', region, at, ${done}, 'github.com/7/' || origin_seq || '/1', 'github.com', 'acme/web-' || (origin_seq / 100 % 20), '7', 'Acme',
      'web-' || (origin_seq / 100 % 20), 'ci.yml', origin_seq, 1, 'success', 'push', 'main', 'abc', 'https://run', '[]', id, 0, 1, 1, 0, ${ended}, 0, 0, 0,
      ${text(`LOG_${region}`)}, accepted_seq ${source}`;
  const target = `insert into dispatch_target (event_id, delivery_id, tenant_id, endpoint_id, scope, decided_at, decided_by, ordinal, owner, repo, workflow, ref,
    rule, verdict, state, state_rank, state_at, state_by, run_id)
    select id, 'dlv_' || substr(id, 5) || '0000000000000001', tenant_id, 'github:acme/api/cd.yml', 'g', at, region, 0, 'acme', 'api', 'cd.yml', 'main',
      'outbound[0]', 'allowed', 'started', 4, at, region, origin_seq + 100 ${source}`;
  const sweep = `insert into dispatch_sweep (region, scope, at, from_at, to_at, listed, redelivered, gap_seconds) values (${text(region)}, 'g', 1, 0, 1, 5, 0, 0)`;
  return [dispatch, target, sweep];
}

/** What operators and regions did. */
function operations({ region, endMs }: MadeStore): string[] {
  const place = (count: number): string => `${endMs} - 60000 * (${count} - n), ${text(region)}, n`;
  return [
    `${numbers(20_000)} insert into management_action (at, origin_region, origin_seq, scope, action, about, status, actor, reason)
      select ${place(20_000)}, 'g', iif(n % 9 = 0, 'PUT /v1/tenants/:tenantId', 'POST /v1/dead-letters/redrive'), '{"tenantId":"tenant-1"}', 200,
      'actor-' || (n % 5), 'asked for' from n`,
    `${numbers(2_000)} insert into region_change (at, origin_region, origin_seq, kind, region, detail)
      select ${place(2_000)}, 'region.changed', ${regionOf(region)}, '{"state":"active"}' from n`,
    `insert into claim (delivery_id, taken_from, taken_by, epoch, at) select id, ${text(MADE.otherRegion)}, ${text(region)}, 2, at from delivery where state = 'denied'`,
    `insert into event_progress (event_id, scope, open_count, delivered_count, failed_count)
      select event_id, 'g', sum(ended_at is null), sum(state = 'delivered'), sum(state in ('dead_lettered', 'denied')) from delivery group by event_id`,
    `insert into delivery_instruction (delivery_id, at, origin_region, origin_seq, scope, instruction, actor, reason)
      select id, at, ${text(region)}, plan_seq, 'g', 'retry', 'ann', 'asked for' from delivery where state = 'retrying'`,
  ];
}

function registry({ region, endMs }: MadeStore): string[] {
  const stamp = `${endMs}, ${endMs}, 'g', ${text(region)}`;
  return [
    `${numbers(MADE.tenants)} insert into tenant (id, name, region, created_at, updated_at, scope, written_in)
      select ${tenantId('n')}, 'Tenant ' || n, ${text(region)}, ${stamp} from n`,
    `${numbers(MADE.endpoints)} insert into endpoint (id, tenant_id, url, event_types, region, created_at, updated_at, scope, written_in)
      select ${endpointId('n')}, ${tenantId(`n % ${MADE.tenants}`)}, printf('https://hooks-%d.example.com/in', n), '["*"]', ${text(region)}, ${stamp} from n`,
  ];
}
