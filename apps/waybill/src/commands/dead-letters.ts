import type { Command } from 'commander';
import { z } from 'zod';
import { type Api, apiOf } from '../client/api.ts';
import { actorHeader } from '../client/jobs.ts';
import { print, table, tell } from '../terminal/print.ts';
import { planAndStart } from './follow-job.ts';
import { dataOption, rateIn, regionOption, timeIn, wholeNumberIn } from './options.ts';

interface FilterOptions {
  readonly data: string;
  readonly region?: string;
  readonly tenant?: string;
  readonly endpoint?: string;
  readonly why?: string;
  readonly type?: string;
  readonly of?: string;
  readonly from?: string;
  readonly to?: string;
}

interface ListOptions extends FilterOptions {
  readonly state: string;
  readonly limit: number;
}

interface ActOptions extends FilterOptions {
  readonly reason: string;
  readonly all?: boolean;
}

interface RedriveOptions extends ActOptions {
  readonly rate?: number;
  readonly yes?: boolean;
  readonly dispatches?: boolean;
}

const rowSchema = z.object({
  id: z.string(),
  at: z.string(),
  eventType: z.string(),
  tenantId: z.string(),
  endpointId: z.string().nullish(),
  reason: z.string(),
  detail: z.string().nullish(),
  state: z.string(),
});
const groupSchema = z.object({
  tenantId: z.string(),
  endpointId: z.string().nullish(),
  reason: z.string(),
  count: z.number(),
  oldest: z.string().nullish(),
  newest: z.string().nullish(),
});

const filtered = (command: Command): Command =>
  command
    .addOption(dataOption())
    .addOption(regionOption())
    .option('--tenant <id>', 'only of this tenant')
    .option('--endpoint <id>', 'only for this endpoint')
    .option('--why <reason>', 'only with this reason, as attempts_exhausted')
    .option('--type <type>', 'only of this event type')
    .option('--of <region>', 'only those that this region made; default for redrive: the region that is asked')
    .option('--from <time>', 'since this time (ISO 8601)', timeIn)
    .option('--to <time>', 'before this time', timeIn);

/** `waybill dead-letters`: look at them, try them again, give them up. */
export function deadLettersCommand(program: Command): void {
  const command = program
    .command('dead-letters')
    .description('deliveries and events that ended without success: list, group, show, redrive, discard');
  filtered(command.command('list', { isDefault: true }).description('list them, newest first'))
    .option('--state <state>', 'open, redriven, discarded', 'open')
    .option('--limit <n>', 'how many', wholeNumberIn(1, 250), 20)
    .action(list);
  command
    .command('groups')
    .description('count the open ones by endpoint and reason')
    .addOption(dataOption())
    .addOption(regionOption())
    .option('--tenant <id>', 'only of this tenant')
    .action(groups);
  command
    .command('show')
    .description('show one with its payload and every attempt, as JSON')
    .argument('<id>')
    .addOption(dataOption())
    .addOption(regionOption())
    .action(async (id: string, { data, region }: FilterOptions) => {
      print(JSON.stringify(await apiOf(data, process.env, region).get(`/v1/dead-letters/${encodeURIComponent(id)}`), undefined, 2));
    });
  filtered(command.command('redrive').description('try them again, as a job: shows first what would be sent').argument('[ids...]'))
    .requiredOption('--reason <text>', 'why; it is written down')
    .option('--all', 'really all, without any filter')
    .option('--rate <n>', 'deliveries a second', rateIn)
    .option('--dispatches', 'workflow dispatches too: a run may be started a second time')
    .option('--yes', 'start without asking')
    .action(redrive);
  filtered(command.command('discard').description('give them up: they are kept, and nobody is reminded of them').argument('[ids...]'))
    .requiredOption('--reason <text>', 'why; it is written down')
    .option('--all', 'really all, without any filter')
    .action(discard);
}

/** The filter of the API; undefined when nothing narrows it. */
function filterOf({ tenant, endpoint, why, type, of, from, to }: FilterOptions): Record<string, string> | undefined {
  const wanted = { tenantId: tenant, endpointId: endpoint, reason: why, eventType: type, region: of, from, to };
  const given = Object.entries(wanted).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/** Which ones: ids, a filter, or all. Throws when nothing was said. */
function whichOf(ids: readonly string[], options: ActOptions): object {
  const filter = filterOf(options);
  if (ids.length > 0 && (filter !== undefined || options.all === true)) throw new Error('name ids, or use filters, not both');
  if (ids.length > 0) return { ids };
  if (filter !== undefined) return { filter };
  if (options.all === true) return { all: true };
  throw new Error('say which: ids, a filter such as --endpoint, or --all');
}

const openApi = ({ data, region }: FilterOptions): Api => apiOf(data, process.env, region);

async function list(options: ListOptions): Promise<void> {
  const query = new URLSearchParams({ ...filterOf(options), state: options.state, limit: String(options.limit) });
  const answer = await openApi(options).get(`/v1/dead-letters?${query.toString()}`);
  const page = z.object({ data: z.array(rowSchema), done: z.boolean() }).parse(answer);
  const rows = page.data.map((row) => [row.at, row.id, row.eventType, row.tenantId, row.endpointId ?? '', row.reason, row.detail ?? '']);
  for (const line of table(rows)) print(line);
  if (rows.length === 0) tell('none');
  else if (!page.done) tell('there are more; "npx waybill dead-letters groups" counts them');
}

async function groups({ data, region, tenant }: FilterOptions): Promise<void> {
  const query = tenant === undefined ? '' : `?tenantId=${encodeURIComponent(tenant)}`;
  const answer = await apiOf(data, process.env, region).get(`/v1/dead-letters/groups${query}`);
  const page = z.object({ data: z.array(groupSchema) }).parse(answer);
  const rows = page.data.map(({ count, endpointId, reason, tenantId, oldest }) => [
    String(count).padStart(8),
    endpointId ?? '(never planned)',
    reason,
    tenantId,
    (oldest ?? '') === '' ? '' : `since ${oldest}`,
  ]);
  for (const line of table(rows)) print(line);
  if (rows.length === 0) tell('none');
}

async function redrive(ids: readonly string[], options: RedriveOptions): Promise<void> {
  const { reason, rate, dispatches, yes } = options;
  const more = { ...(rate === undefined ? {} : { ratePerSecond: rate }), ...(dispatches === true ? { dispatches } : {}) };
  const api = openApi(options);
  const body = { ...whichOf(ids, options), reason, ...more };
  const { id } = z.object({ id: z.string() }).parse(await api.request('POST', '/v1/dead-letters/redrive', body, actorHeader(process.env)));
  await planAndStart(api, id, yes === true);
}

async function discard(ids: readonly string[], options: ActOptions): Promise<void> {
  const body = { ...whichOf(ids, options), reason: options.reason };
  const answer = await openApi(options).request('POST', '/v1/dead-letters/discard', body, actorHeader(process.env));
  print(`${z.object({ discarded: z.number() }).parse(answer).discarded} discarded`);
}
