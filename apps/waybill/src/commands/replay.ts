import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { type Api, ApiError, apiOf } from '../client/api.ts';
import { actorHeader } from '../client/jobs.ts';
import { planAndStart } from './follow-job.ts';
import { dataOption, rateIn, regionOption, timeIn } from './options.ts';

interface ReplayOptions {
  readonly data: string;
  readonly region?: string;
  readonly from: string;
  readonly to?: string;
  readonly tenant?: string;
  readonly type?: readonly string[];
  readonly acceptedIn?: string;
  readonly destinations: string;
  readonly endpoint?: string;
  readonly into?: string;
  readonly reason: string;
  readonly rate?: number;
  readonly yes?: boolean;
}

/** `waybill replay`: sends events of a time range again. */
export function replayCommand(program: Command): void {
  program
    .command('replay')
    .description('send the events of a time range again, as a job: shows first what would be sent')
    .addOption(dataOption())
    .addOption(regionOption())
    .requiredOption('--from <time>', 'accepted since this time (ISO 8601)', timeIn)
    .option('--to <time>', 'accepted before this time; default: now', timeIn)
    .option('--tenant <id>', 'only of this tenant')
    .option('--type <patterns...>', 'only these event types, as order.*')
    .option('--accepted-in <region>', 'only those that this region accepted')
    .addOption(
      new Option('--destinations <which>', 'then: the endpoints each event was planned for; now: those that want it today')
        .choices(['then', 'now'])
        .default('then'),
    )
    .option('--endpoint <id>', 'only to this endpoint, if it is among the destinations')
    .option('--into <id>', 'to this endpoint alone, whether or not it got the events then')
    .requiredOption('--reason <text>', 'why; it is written down')
    .option('--rate <n>', 'deliveries a second', rateIn)
    .option('--yes', 'start without asking')
    .action(replay);
}

async function replay(options: ReplayOptions): Promise<void> {
  const {
    data,
    region,
    from,
    to = new Date().toISOString(),
    tenant,
    type,
    acceptedIn,
    destinations,
    endpoint,
    into,
    reason,
    rate,
  } = options;
  const wanted = { tenantId: tenant, eventTypes: type, region: acceptedIn, endpointId: endpoint, into, ratePerSecond: rate };
  const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
  // An endpoint that is filled was not there then.
  const body = { from, to, destinations: into === undefined ? destinations : 'now', reason, ...given };
  const api = apiOf(data, process.env, region);
  const { id } = z.object({ id: z.string() }).parse(await make(api, body));
  await planAndStart(api, id, options.yes === true);
}

const TRIES = 5;
const AGAIN_MS = 1_000;

/** Asks again when nobody can say whether the job was made: under one key it is one job. */
async function make(api: Api, body: object): Promise<unknown> {
  const headers = { ...actorHeader(process.env), 'idempotency-key': randomUUID() };
  for (let tried = 1; ; tried += 1) {
    try {
      return await api.request('POST', '/v1/replays', body, headers);
    } catch (error) {
      const mayHelp = error instanceof ApiError && (error.status === 0 || error.status === 503);
      if (!mayHelp || tried === TRIES) throw error;
      await pause(AGAIN_MS);
    }
  }
}
