import { type Command, Option } from 'commander';
import { JOB_CHANGES, JOB_STATES } from '@waybill/contracts';
import { z } from 'zod';
import { apiOf } from '../client/api.ts';
import { isOver, jobLines, jobSchema, progressLine } from '../client/jobs.ts';
import { print, table, tell } from '../terminal/print.ts';
import { commandJob, readJob, watchJob } from './follow-job.ts';
import { dataOption, rateIn, regionOption } from './options.ts';

const ACTIONS = ['show', 'watch', ...JOB_CHANGES.filter((change) => change !== 'rate')] as const;

interface JobOptions {
  readonly data: string;
  readonly region?: string;
  readonly reason?: string;
  readonly rate?: number;
}

/** `waybill jobs` and `waybill job`: redrives and replays, and what is done with them. */
export function jobsCommand(program: Command): void {
  program
    .command('jobs')
    .description('list redrives and replays of a region, newest first')
    .addOption(dataOption())
    .addOption(regionOption())
    .addOption(new Option('--state <state>', 'only in this state').choices(JOB_STATES))
    .action(list);
  program
    .command('job')
    .description(`look at a job, or command it: ${ACTIONS.join(', ')}`)
    .argument('<id>')
    .argument('[action]', 'what to do with it', 'show')
    .addOption(dataOption())
    .addOption(regionOption())
    .option('--reason <text>', 'why; it is written down')
    .option('--rate <n>', 'deliveries a second from now on', rateIn)
    .action(act);
}

async function list({ data, region, state }: { data: string; region?: string; state?: string }): Promise<void> {
  const query = state === undefined ? '' : `?state=${state}`;
  const page = z.object({ data: z.array(jobSchema) }).parse(await apiOf(data, process.env, region).get(`/v1/jobs${query}`));
  const rows = page.data.map((job) => [job.createdAt, job.id, job.kind, progressLine(job), job.by.actor]);
  for (const line of table(rows)) print(line);
  if (rows.length === 0) tell('no jobs. "npx waybill dead-letters redrive" and "npx waybill replay" make one.');
}

async function act(id: string, action: string, { data, region, reason, rate }: JobOptions): Promise<void> {
  const api = apiOf(data, process.env, region);
  const known = ACTIONS.find((one) => one === action);
  if (known === undefined) throw new Error(`"${action}" is nothing that can be done with a job; use ${ACTIONS.join(', ')}`);
  const body = { ...(reason === undefined ? {} : { reason }), ...(rate === undefined ? {} : { ratePerSecond: rate }) };
  if (known !== 'show' && known !== 'watch') tell(progressLine(await commandJob(api, id, known, body)));
  const job = known === 'watch' ? await watchJob(api, id, isOver) : await readJob(api, id);
  for (const line of jobLines(job)) print(line);
}
